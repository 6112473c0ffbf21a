import AliyunIoT
import Provisioning

/// What a board connects with: the DeviceSecret of a pre-registered device, or the pair of one without
/// pre-registration.
enum DeviceCredential: Equatable, Sendable {
    case secret(Secret)
    case pair(AliyunIoT.ClientCredential)

    /// Why a credential that came over the console is not taken; never with the credential itself.
    struct Refusal: Error, Equatable { var text: String }

    /// The longest part that is kept, in bytes.
    static let longest = AliyunIoT.ClientCredential.longest

    /// Checks what came over the console.
    /// - Parameters:
    ///   - clientID: nil where `key` is a DeviceSecret.
    ///   - key: the DeviceSecret, or the DeviceToken that belongs to `clientID`.
    init(clientID: [UInt8]?, key: [UInt8]) throws(Refusal) {
        guard let clientID else {
            try Self.check(key, named: "DeviceSecret")
            self = .secret(Secret(bytes: key))
            return
        }
        try Self.check(clientID, named: "ClientID")
        try Self.check(key, named: "DeviceToken")
        do {
            self = .pair(
                try AliyunIoT.ClientCredential(
                    clientID: String(decoding: clientID, as: UTF8.self), deviceToken: Secret(bytes: key)))
        } catch {
            // Nothing else is left to refuse.
            throw Refusal(text: "ClientID with a |")
        }
    }

    private static func check(_ bytes: [UInt8], named name: String) throws(Refusal) {
        guard (1...longest).contains(bytes.count) else {
            throw Refusal(text: "\(name) of \(bytes.count) bytes, expected 1 to \(longest)")
        }
        guard bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw Refusal(text: "\(name) with a byte that is not printable ASCII")
        }
    }

    /// What proves that a board holds it: DeviceSecret or DeviceToken.
    var key: Secret {
        switch self {
        case .secret(let secret): secret
        case .pair(let pair): pair.deviceToken
        }
    }
}
