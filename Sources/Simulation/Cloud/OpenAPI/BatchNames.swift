/// The names of one batch call, looked at one by one and against each other, before anything of them is looked up.
struct BatchNames: Sendable {
    /// Every name once, in the order given.
    private(set) var unique: [BatchJob.Entry] = []
    private(set) var invalidNames: [String] = []
    private(set) var invalidNicknames: [String] = []
    /// Names given more than once, each once.
    private(set) var repeated: [String] = []
    private(set) var flaws: [BatchJob.Flaw] = []

    init(_ entries: [BatchJob.Entry]) {
        var counts: [String: Int] = [:]
        for entry in entries { counts[entry.name, default: 0] += 1 }
        var seen: Set<String> = []
        for entry in entries where seen.insert(entry.name).inserted {
            unique.append(entry)
            var messages: [String] = []
            if !CloudState.isDeviceName(entry.name) {
                invalidNames.append(entry.name)
                messages.append("DeviceName is not well formatted")
            }
            if let nickname = entry.nickname, !CloudState.isNickname(nickname) {
                invalidNicknames.append(nickname)
                messages.append("nickname is not well formatted")
            }
            if counts[entry.name] != 1 {
                repeated.append(entry.name)
                messages.append("DeviceName is repeated")
            }
            guard !messages.isEmpty else { continue }
            flaws.append(entry.flaw(messages.joined(separator: "|")))
        }
    }

    /// `DeviceNameList.N.DeviceName` with `.DeviceNickname`, or else `DeviceName.N`; what is beyond `most` is dropped
    /// without a word, as the platform does.
    static func entries(_ parameters: OpenAPIParameters, most: Int) throws(BusinessError) -> [BatchJob.Entry] {
        var entries: [BatchJob.Entry] = []
        while entries.count < most,
            let name = parameters.values["DeviceNameList.\(entries.count + 1).DeviceName"]
        {
            let nickname = parameters["DeviceNameList.\(entries.count + 1).DeviceNickname"]
            entries.append(BatchJob.Entry(name: name, nickname: nickname))
        }
        if entries.isEmpty {
            entries = parameters.list("DeviceName").prefix(most).map { BatchJob.Entry(name: $0) }
        }
        guard !entries.isEmpty else { throw .noNames }
        return entries
    }
}
