import AliyunIoT

/// The kinds of instance by their words in `station.toml`.
enum InstanceKind: String, CaseIterable, Sendable {
    case oldPublic = "old-public"
    case newPublic = "new-public"
    case enterprise
    /// A compatible platform, or an instance all of whose addresses are written out.
    case custom

    init(_ instance: Cloud.Instance) {
        self =
            switch instance {
            case .oldPublic: .oldPublic
            case .newPublic: .newPublic
            case .enterprise: .enterprise
            case .custom: .custom
            }
    }

    /// Whether it cannot be addressed without its id.
    var needsID: Bool { self == .newPublic || self == .enterprise }

    func instance(id: String) -> Cloud.Instance {
        switch self {
        case .oldPublic: .oldPublic
        case .newPublic: .newPublic(id: id)
        case .enterprise: .enterprise(id: id)
        case .custom: .custom
        }
    }

    /// Devices it lets be created, where that is the same for all of its kind ("IoT Platform overview", instances).
    var deviceLimit: Int? { self == .newPublic ? 500 : nil }

    /// Devices it lets be online at once, where that is the same for all of its kind (same page).
    var onlineLimit: Int? { self == .newPublic ? 50 : nil }
}
