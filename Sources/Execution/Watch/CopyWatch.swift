import AliyunIoT
import CutPoint
import Foundation
import Journal
import Provisioning

/// Notices that another copy of this station, a cloned disk or a copied folder, works with the same cloud account.
///
/// ```
/// read the tag ─► one that this journal has written? ─► journal the next one ─► write it
///              └► another one: somebody has this station's folder ─► production is held (ST-203)
/// ```
/// The tag stands at the product's probe name, under a name made from the station's own key, so that stations do not see one
/// another's. It has a counter, a random word and the key's signature. A copy begins with the same counter; the first that
/// moves it leaves the other behind. A tag that is gone is written anew: the probe name may have been deleted. Any tag that
/// this journal has written is its own, not only the last: the cloud may carry out late, and over a newer one, what was
/// given up; and looks may overlap.
struct CopyWatch {
    let journal: Journal
    let api: OpenAPIClient
    let signer: StationSigner
    let actor: String
    /// Time for each of the two calls: a look that tells nothing is made again later, and an order waits for it.
    var within = Duration.seconds(10)

    enum Finding: Equatable {
        case alone
        /// Another copy has moved the tag; production is held.
        case copied(String)
        /// The cloud did not let itself be asked: nothing is known.
        case unknown(String)
    }

    /// Looks once, and leaves the next tag.
    /// - Throws: ``JournalError``.
    func look(productKey: String) async throws -> Finding {
        let name = "ps." + String(signer.fingerprint.prefix(16))
        do {
            let found = try await api.tags(
                productKey: productKey, deviceName: CloudDesk.probeName, within: within)[name]
            // Read after the cloud's answer: what it shows of this station was journaled before it was written.
            let last = try await journal.copyTag(productKey: productKey)
            if let found, last?.adopts != true, try await !journal.hasLeft(copyTag: found, productKey: productKey) {
                let sentence =
                    signer.isOwn(found, productKey: productKey)
                    ? "another copy, which has this station's key, has been at work with product \(productKey)"
                    : "the tag of this station was changed by somebody without this station's key"
                try await journal.holdForCopy(
                    productKey: productKey, sentence: sentence, found: Self.known(found), expected: last, actor: actor)
                return .copied(sentence)
            }
            let reached = found?.split(separator: ".").first.flatMap { Int64($0) } ?? 0
            let (counter, word) = (max(last?.counter ?? 0, min(reached, 1 << 53)) + 1, Self.word())
            let signature: String
            do { signature = try signer.sign(productKey, counter, word) } catch {
                return .unknown("the station's own key cannot be used: \(error)")
            }
            let value = "\(counter).\(word).\(signature)"
            try await journal.recordCopyTag(
                CopyTag(counter: counter, value: value), over: found, productKey: productKey, actor: actor)
            CutPoint.reach("copy-tag.before")
            try await api.saveTag(
                name, value, productKey: productKey, deviceName: CloudDesk.probeName, within: within)
            CutPoint.reach("copy-tag.after")
            return .alone
        } catch let error as CloudError {
            return .unknown(error.description)
        }
    }

    /// What is repeated of a tag that somebody else may have written.
    private static func known(_ text: String) -> String {
        String(text.prefix(160).filter { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) })
    }

    private static func word() -> String {
        (0..<16).map { _ in String(Int.random(in: 0..<16), radix: 16) }.joined()
    }
}

/// The station's own key, as it signs the tags of its ``CopyWatch``.
public struct StationSigner: Sendable {
    /// SHA-256 of the public key, lower-case hexadecimal.
    public let fingerprint: String
    private let signature: @Sendable (_ message: [UInt8]) throws -> [UInt8]
    private let verifies: @Sendable (_ signature: [UInt8], _ message: [UInt8]) -> Bool

    /// - Parameters:
    ///   - sign: makes an Ed25519 signature, 64 bytes.
    ///   - verify: whether a signature is this key's.
    public init(
        fingerprint: String, sign: @escaping @Sendable ([UInt8]) throws -> [UInt8],
        verify: @escaping @Sendable ([UInt8], [UInt8]) -> Bool
    ) {
        (self.fingerprint, signature, verifies) = (fingerprint, sign, verify)
    }

    /// base64url without padding: the characters that a tag's value may have.
    func sign(_ productKey: String, _ counter: Int64, _ word: String) throws -> String {
        Data(try signature(Self.message(productKey, "\(counter)", word))).base64EncodedString().replacing(
            "+", with: "-"
        )
        .replacing("/", with: "_").replacing("=", with: "")
    }

    /// Whether a tag was made with this key for this product.
    func isOwn(_ tag: String, productKey: String) -> Bool {
        let parts = tag.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3,
            let signature = Data(
                base64Encoded: parts[2].replacing("-", with: "+").replacing("_", with: "/") + "==")
        else { return false }
        return verifies(Array(signature), Self.message(productKey, parts[0], parts[1]))
    }

    private static func message(_ productKey: String, _ counter: String, _ word: String) -> [UInt8] {
        Array("provisioning-station copy 1\n\(productKey)\n\(counter)\n\(word)".utf8)
    }
}
