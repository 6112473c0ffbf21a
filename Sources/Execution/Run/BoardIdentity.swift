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
        let rule = profile.identity
        do {
            switch rule.source {
            case .efuseMAC: identity = .mac(try MACAddress(octets: reading.mac))
            case .chipUID: identity = try Identity(kind: rule.kind, value: reading.uidHex, pattern: rule.pattern)
            case .at, .smp, .console, .efuseBlock3, .memory, .usbSerial:
                if rule.kind == .mac, !reading.mac.isEmpty {
                    identity = .mac(try MACAddress(octets: reading.mac))
                    return
                }
                guard let text = reading.identityText, !text.isEmpty else {
                    throw Failure(.noIdentity, "\(Self.place(rule.source)) holds no \(rule.kind.rawValue)")
                }
                identity = try Identity(kind: rule.kind, value: text, pattern: rule.pattern)
            }
        } catch let error as IdentityError {
            throw Failure(.badIdentity, error.description)
        } catch let error as Failure {
            throw error
        } catch {
            throw Failure(.badIdentity, "\(error)")
        }
    }

    private static func place(_ source: BoardProfile.IdentityReading.Source) -> String {
        switch source {
        case .efuseMAC, .efuseBlock3: "eFuse BLOCK3"
        case .chipUID: "the chip"
        case .memory: "the chip's memory"
        case .usbSerial: "the USB serial string"
        case .at, .smp, .console: "the running firmware"
        }
    }
}
