import Foundation

extension StationConfiguration {
    /// Checks the text of a `station.toml`.
    /// - Parameters:
    ///   - file: how the file is named in problems.
    ///   - folder: the absolute folder that relative paths start from.
    /// - Throws: ``ConfigurationError`` with every problem at once.
    init(toml text: String, file: String, folder: String) throws(ConfigurationError) {
        let log = ProblemLog()
        let root = TableReader(try ConfigurationValue.table(fromTOML: text, file: file), log: log)
        let paths = PathRule(folder: folder)

        let station = root.table("station")
        let id = station.string("id", expected: "1 to 32 of A-Z a-z 0-9 -") { Self.name($0, extra: "-", longest: 32) }
        let data = station.string("data", expected: "a folder", paths.absolute)
        station.finish()

        let cloud = Self.readCloud(root.table("cloud"), paths)

        let flash = root.table("flash")
        let espressif = flash.table("espressif")
        let stubs = espressif.string("stub_directory", expected: "a folder", isOptional: true, paths.absolute)
        espressif.finish()
        flash.finish()

        let slots = root.tables("slots", count: 1...32).map(SlotReader.init)
        let limits = Self.readLimits(root.table("limits"))
        root.finish()
        SlotReader.noteDuplicates(slots, log)

        let complete = slots.compactMap(\.slot)
        guard log.problems.isEmpty, let id, let data, let cloud, let limits, complete.count == slots.count else {
            throw ConfigurationError(file: file, problems: log.problems)
        }
        self.init(id: id, dataFolder: data, cloud: cloud, stubDirectory: stubs, slots: complete, limits: limits)
    }

    private static func readCloud(_ table: TableReader, _ paths: PathRule) -> Cloud? {
        let expectedURL = "https://HOST[:PORT][/PATH] without user, query or fragment (http:// for this machine only)"
        // A URL that is refused may hold a user's password.
        let openAPI = table.string("openapi", expected: expectedURL, hidesValue: true, serviceURL)
        let registration = table.string(
            "registration", expected: expectedURL, isOptional: true, hidesValue: true, serviceURL)
        let mqtt = table.string("mqtt", expected: "HOST:PORT, port 1 to 65535") { HostPort($0) }
        let caFile = table.string("ca_file", expected: "a PEM file", isOptional: true, paths.absolute)
        let accessKeyID = table.string("access_key_id", expected: "1 to 64 of A-Z a-z 0-9 - _") {
            name($0, extra: "-_", longest: 64)
        }
        let region = table.string("region", expected: "a region's id such as cn-shanghai", isOptional: true) {
            name($0, extra: "-", longest: 32)
        }
        let instanceID = table.string(
            "instance_id", expected: "1 to 64 of A-Z a-z 0-9 - _", isOptional: true
        ) { name($0, extra: "-_", longest: 64) }
        let qpsShare = table.integer("qps_share", in: 1...30, default: 10, unit: "calls a second")
        table.finish()
        guard let openAPI, let mqtt, let accessKeyID, let qpsShare else { return nil }
        return Cloud(
            openAPI: openAPI, registration: registration, mqtt: mqtt, caFile: caFile, accessKeyID: accessKeyID,
            region: region ?? "cn-shanghai", instanceID: instanceID, qpsShare: qpsShare)
    }

    private static func readLimits(_ table: TableReader) -> Limits? {
        let standard = Limits.standard
        let runs = table.integer("runs_per_unit", in: 1...20, default: standard.runsPerUnit)
        let hold = table.integer(
            "hold_after_seconds", in: 10...3600, default: Int(standard.holdAfter.components.seconds), unit: "seconds")
        table.finish()
        guard let runs, let hold else { return nil }
        return Limits(runsPerUnit: runs, holdAfter: .seconds(hold))
    }

    /// `text` if it has 1 to `longest` ASCII letters, digits and characters of `extra`.
    static func name(_ text: String, extra: String, longest: Int) -> String? {
        let isAllowed = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || extra.contains($0)) }
        return isAllowed && (1...longest).contains(text.count) ? text : nil
    }

    /// The URL of a service of the cloud: encrypted, or on this machine.
    private static func serviceURL(_ text: String) -> URL? {
        guard let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty, parts.user == nil,
            parts.password == nil, parts.query == nil, parts.fragment == nil,
            parts.port.map({ (1...65535).contains($0) }) ?? true,
            parts.scheme == "https" || (parts.scheme == "http" && HostPort.isLoopback(host))
        else { return nil }
        return parts.url
    }
}

/// Makes paths absolute from the folder of the file in which they stand.
struct PathRule {
    let folder: String

    func absolute(_ text: String) -> String? {
        guard !text.isEmpty, !text.utf8.contains(0) else { return nil }
        return lexicallyAbsolute(text, in: folder)
    }
}
