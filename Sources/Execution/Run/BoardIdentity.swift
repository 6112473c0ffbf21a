import Bench
import Provisioning

/// What one reading of a board says it is: judged by the identity rules of its profile.
struct BoardIdentity: Hashable, Sendable {
    let identity: Identity
    let uid: HardwareUID
    /// The base address where the board has a proper one, whatever its identity is.
    let mac: MACAddress?

    /// - Throws: ``Failure`` with `badIdentity` or `noIdentity`.
    init(_ reading: BoardReading, profile: BoardProfile) throws(Failure) {
        mac = try? MACAddress(octets: reading.mac)
        uid = HardwareUID(bytes: reading.uid, source: reading.uidSource)
        do {
            switch profile.identity.source {
            case .efuseMAC: identity = .mac(try MACAddress(octets: reading.mac))
            case .efuseBlock3:
                guard let text = reading.identityText, !text.isEmpty else {
                    throw Failure(.noIdentity, "eFuse BLOCK3 holds no \(profile.identity.kind.rawValue)")
                }
                identity = try Identity(kind: profile.identity.kind, value: text, pattern: profile.identity.pattern)
            }
        } catch let error as IdentityError {
            throw Failure(.badIdentity, error.description)
        } catch let error as Failure {
            throw error
        } catch {
            throw Failure(.badIdentity, "\(error)")
        }
    }
}
