import Provisioning

/// Somebody who may sign in.
public struct Person: Hashable, Sendable {
    /// `P-0001`, given by the station, never given again.
    public let id: String
    public var name: String
    public var role: Role
    /// Keyed digest of the badge; nil once removed.
    var badgeDigest: String?
    /// What the PIN is checked against; nil once removed.
    var pin: PINHash?

    /// Whether the person may still sign in.
    public var isActive: Bool { badgeDigest != nil && pin != nil }

    /// How the journal names who did something.
    public var actor: String { "person:" + id }

    /// Whether the person's role has a permission.
    public func may(_ permission: Permission) -> Bool { isActive && permission.roles.contains(role) }

    /// As the page and the API show a person; badge and PIN never come back.
    var json: JSONValue {
        [
            "id": .string(id), "name": .string(name), "role": .string(role.rawValue), "active": .bool(isActive),
            "permissions": .array(
                Permission.allCases.filter(may).map { .string($0.rawValue) }),
        ]
    }

    /// As it is sealed.
    var record: JSONValue {
        [
            "id": .string(id), "name": .string(name), "role": .string(role.rawValue), "badge": .init(badgeDigest),
            "pin": .init(pin?.text),
        ]
    }

    init(id: String, name: String, role: Role, badgeDigest: String?, pin: PINHash?) {
        (self.id, self.name, self.role) = (id, name, role)
        (self.badgeDigest, self.pin) = (badgeDigest, pin)
    }

    /// Reads a sealed record; nil where it is none.
    init?(record: JSONValue) {
        guard let id = record["id"].string, let name = record["name"].string,
            let role = record["role"].string.flatMap(Role.init(rawValue:))
        else { return nil }
        self.init(
            id: id, name: name, role: role, badgeDigest: record["badge"].string,
            pin: record["pin"].string.map(PINHash.init(text:)))
    }
}
