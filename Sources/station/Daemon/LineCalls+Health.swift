import Execution
import Operator

extension LineCalls {
    /// How everything the line calls answers, for the page; MES off where there is none.
    func health() async -> [Health] {
        var all = [mesHealth.map { Health(.mes, $0) } ?? Health(.mes, .off, zh: "MES：未使用", en: "MES: not used")]
        if let andon { all.append(Health(.andon, await andon.health)) }
        if let labels { all.append(Health(.labels, await labels.health)) }
        return all
    }
}

extension Health {
    fileprivate init(_ key: Key, _ reading: CallHealth) {
        self.init(key, Level(rawValue: reading.level.rawValue) ?? .unknown, zh: reading.zh, en: reading.en)
    }
}
