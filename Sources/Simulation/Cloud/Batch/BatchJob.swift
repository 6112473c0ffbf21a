/// One application of the batch calls: names that are checked together and then registered together.
///
/// Source: "BatchCheckDeviceNames", "QueryBatchRegisterDeviceStatus", "BatchImportDevice".
struct BatchJob: Codable, Sendable {
    enum Stage: String, Codable, Sendable {
        case check = "CHECK"
        case checkSuccess = "CHECK_SUCCESS"
        case checkFailed = "CHECK_FAILED"
        case create = "CREATE"
        case createSuccess = "CREATE_SUCCESS"
        case createFailed = "CREATE_FAILED"

        /// Whether nothing more happens by itself.
        var isFinal: Bool { self != .check && self != .create }
        var isFailure: Bool { self == .checkFailed || self == .createFailed }
    }

    /// One device that is wanted.
    struct Entry: Codable, Sendable {
        let name: String
        var nickname: String?
        /// An imported device brings its own DeviceSecret.
        var secret: String?
        /// An imported device's serial number.
        var serial: String?

        /// This entry as one that cannot be had.
        func flaw(_ message: String) -> Flaw { Flaw(name: name, nickname: nickname ?? "", message: message) }
    }

    /// One name that cannot be had, with the reasons joined by `|`.
    struct Flaw: Codable, Sendable {
        let name: String
        let nickname: String
        let message: String
    }

    struct Progress: Codable, Sendable {
        var stage: Stage
        /// When the stage may end, milliseconds since 1970.
        var due: Int64
        /// Entries looked at in the stage ``Stage/create``.
        var done = 0
        var flaws: [Flaw] = []
    }

    let id: Int64
    let product: String
    let entries: [Entry]
    var progress: Progress

    /// Whether its devices bring their own DeviceSecrets.
    var isImport: Bool { entries.first?.secret != nil }

    /// Names looked at so far that have no flaw.
    var made: [String] {
        let flawed = Set(progress.flaws.map(\.name))
        return entries.prefix(progress.done).map(\.name).filter { !flawed.contains($0) }
    }
}
