import Foundation
public import Provisioning

/// Replaces secrets in a text that other programs wrote, in whatever form they may have printed them: as they are, as
/// hexadecimal, percent-encoded, in base64.
public struct SecretMask: Sendable {
    private static let replacement = "<secret>"
    private let forms: [String]

    public init(_ secrets: [Secret]) {
        forms = Array(Set(secrets.filter { $0.count > 0 }.flatMap(Self.forms))).sorted { $0.count > $1.count }
    }

    /// `text` without the secrets.
    public func mask(_ text: String) -> String {
        forms.reduce(text) { $1.isEmpty ? $0 : $0.replacing($1, with: Self.replacement) }
    }

    private static func forms(_ secret: Secret) -> [String] {
        let bytes = secret.withBytes { $0 }
        let hex = bytes.map { Digest.hex([$0]) }
        let text = String(decoding: bytes, as: UTF8.self)
        var forms = [
            text, ConsoleLines.printable(bytes), hex.joined(), hex.joined().uppercased(),
            hex.joined(separator: " "), hex.joined(separator: " ").uppercased(), hex.joined(separator: ":"),
            hex.map { "%" + $0 }.joined(), hex.map { "%" + $0.uppercased() }.joined(),
        ]
        if let encoded = text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) { forms.append(encoded) }
        if let encoded = text.addingPercentEncoding(withAllowedCharacters: .urlQueryAllowed) { forms.append(encoded) }
        // In base64 the characters depend on what stands before: those that only the secret decides, at each of the
        // three places. Short ones would fit ordinary words.
        for offset in 0..<3 where bytes.count >= 6 {
            let all = Array(Data([UInt8](repeating: 0, count: offset) + bytes).base64EncodedString())
            let piece = String(all[(8 * offset + 5) / 6..<8 * (offset + bytes.count) / 6])
            forms += [piece, piece.replacing("+", with: "-").replacing("/", with: "_")]
        }
        return forms
    }
}
