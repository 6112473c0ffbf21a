/// The devices of one import, looked at one by one and against each other.
///
/// Source: "BatchImportDevice", "BatchCheckImportDevice".
struct ImportedNames: Sendable {
    /// Every device once, in the order given.
    private(set) var unique: [BatchJob.Entry] = []
    private(set) var invalidNames: [String] = []
    private(set) var invalidSecrets: [String] = []
    private(set) var invalidSerials: [String] = []
    /// Names given more than once, each once.
    private(set) var repeated: [String] = []
    /// Devices that cannot be had, with the reasons joined by `|`, as both calls list them.
    private(set) var details: [CloudJSON] = []

    /// - Parameter isTaken: whether a name exists already; it is listed with the repeated ones, since a name has to be
    ///   the only one in its product.
    init(_ entries: [BatchJob.Entry], isTaken: (String) -> Bool) {
        var counts: [String: Int] = [:]
        for entry in entries { counts[entry.name, default: 0] += 1 }
        var seen: Set<String> = []
        for entry in entries where seen.insert(entry.name).inserted {
            unique.append(entry)
            var messages: [String] = []
            let secret = entry.secret ?? ""
            if !CloudState.isDeviceName(entry.name) {
                invalidNames.append(entry.name)
                messages.append("DeviceName is not well formatted")
            }
            if !CloudState.isImportedSecret(secret) {
                invalidSecrets.append(secret)
                messages.append("DeviceSecret is not well formatted")
            }
            if let serial = entry.serial, !CloudState.isSerial(serial) {
                invalidSerials.append(serial)
                messages.append("Sn is not well formatted")
            }
            let (isRepeated, isTaken) = (counts[entry.name] != 1, isTaken(entry.name))
            if isRepeated { messages.append("DeviceName is repeated") }
            if isTaken { messages.append("DeviceName already exists") }
            if isRepeated || isTaken { repeated.append(entry.name) }
            guard !messages.isEmpty else { continue }
            details.append([
                "DeviceName": .string(entry.name), "DeviceSecret": .string(secret), "Sn": .text(entry.serial),
                "ErrorMsg": .string(messages.joined(separator: "|")),
            ])
        }
    }

    /// `DeviceList.N.DeviceName`, `.DeviceSecret` and `.Sn`; what is beyond 10,000 is dropped without a word.
    static func entries(_ parameters: OpenAPIParameters) throws(BusinessError) -> [BatchJob.Entry] {
        var entries: [BatchJob.Entry] = []
        while entries.count < CloudState.maximumBatch,
            let name = parameters.values["DeviceList.\(entries.count + 1).DeviceName"]
        {
            let place = "DeviceList.\(entries.count + 1)"
            entries.append(
                BatchJob.Entry(
                    name: name, secret: parameters["\(place).DeviceSecret"] ?? "", serial: parameters["\(place).Sn"]))
        }
        guard !entries.isEmpty else { throw .noNames }
        return entries
    }
}
