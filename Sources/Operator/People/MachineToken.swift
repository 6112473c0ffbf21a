import Provisioning

/// A machine that may use the API, such as an MES: known by 256 random bits that are shown once.
struct MachineToken: Hashable, Sendable {
    /// What a machine may do.
    enum Scope: String, Sendable, CaseIterable {
        /// Every question.
        case read
        /// Making, opening, holding and closing orders.
        case orders
        /// Workflows on units that one person may order.
        case units
    }

    /// `T-0001`, given by the station.
    let id: String
    let name: String
    let scopes: Set<Scope>
    /// SHA-256 of its text; nil once revoked.
    var digest: String?

    var isActive: Bool { digest != nil }
    /// How the journal names it.
    var actor: String { "machine:" + id }

    /// As the API shows it; the text never comes back.
    var json: JSONValue {
        [
            "id": .string(id), "name": .string(name), "active": .bool(isActive),
            "scopes": .array(Scope.allCases.filter(scopes.contains).map { .string($0.rawValue) }),
        ]
    }

    /// As it is sealed.
    var record: JSONValue {
        [
            "id": .string(id), "name": .string(name), "digest": .init(digest),
            "scopes": .array(Scope.allCases.filter(scopes.contains).map { .string($0.rawValue) }),
        ]
    }

    init(id: String, name: String, scopes: Set<Scope>, digest: String?) {
        (self.id, self.name, self.scopes, self.digest) = (id, name, scopes, digest)
    }

    /// Reads a sealed record; nil where it is none.
    init?(record: JSONValue) {
        guard let id = record["id"].string, let name = record["name"].string else { return nil }
        let scopes = (record["scopes"].array ?? []).compactMap { $0.string.flatMap(Scope.init(rawValue:)) }
        self.init(id: id, name: name, scopes: Set(scopes), digest: record["digest"].string)
    }
}
