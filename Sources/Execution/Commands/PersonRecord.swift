public import Journal
import Provisioning

/// What the journal is told of people and of machines that use the API: who was added, changed or removed, and who signed
/// in and off. No badge, no PIN, no token.
public enum PersonRecord: Sendable {
    /// - by: who did it.
    case changed(id: String, name: String, role: String, change: String, by: String)
    case signedIn(id: String)
    /// - cause: `person`, `idle`, `shift-end` or `changed`.
    case signedOff(id: String, cause: String)

    /// Appends it.
    public func append(to journal: Journal) async throws {
        switch self {
        case .changed(let id, let name, let role, let change, let by):
            try await journal.append(
                kind: .personChanged, actor: by,
                body: [
                    "person": .string(id), "name": .string(name), "role": .string(role), "change": .string(change),
                ])
        case .signedIn(let id):
            try await journal.append(kind: .personSignedIn, actor: "person:" + id, body: ["person": .string(id)])
        case .signedOff(let id, let cause):
            try await journal.append(
                kind: .personSignedOff, actor: "person:" + id, body: ["person": .string(id), "cause": .string(cause)])
        }
    }
}
