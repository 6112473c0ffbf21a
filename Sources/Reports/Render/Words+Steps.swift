import Provisioning

extension Step {
    var words: Words {
        switch self {
        case .identify: Words("识别", "identify")
        case .claim: Words("登记", "claim")
        case .register: Words("注册", "register")
        case .flash: Words("烧录", "flash")
        case .verify: Words("校验", "verify")
        case .boot: Words("启动", "boot")
        case .activate: Words("激活", "activate")
        case .conclude: Words("收尾", "conclude")
        }
    }
}

extension CycleTime {
    var words: Words { step?.words ?? Words("整次", "total") }
}

extension BoardUnit.State {
    var words: Words {
        switch self {
        case .claimed: Words("未完", "open")
        case .failed: Words("不良", "failed")
        case .awaitingActivation: Words("等待激活", "waits for activation")
        case .passed: Words("合格", "passed")
        case .done: Words("完成", "done")
        case .held: Words("待定", "held")
        case .scrapped: Words("已报废", "scrapped")
        case .replaced: Words("已替换", "replaced")
        }
    }
}

extension FailureCode {
    /// What a code says happened; nil for a text that is no known code.
    static func happened(_ text: String) -> Words? {
        FailureCode(known: text).map { Words($0.entry.zh.happened, $0.entry.en.happened) }
    }
}
