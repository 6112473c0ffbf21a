import AliyunIoT
import Crypto
import Journal
import Provisioning

@testable import Execution

extension StationSigner {
    /// A station's own key, as its vault would keep it.
    init(key: Curve25519.Signing.PrivateKey) {
        let digest = SHA256.hash(data: key.publicKey.rawRepresentation)
        self.init(
            fingerprint: digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(),
            sign: { Array(try key.signature(for: $0)) }, verify: { key.publicKey.isValidSignature($0, for: $1) })
    }
}

extension CloudBed {
    /// The watch of this bed's station.
    func copyWatch(_ signer: StationSigner) -> CopyWatch {
        CopyWatch(journal: journal, api: desk.api, signer: signer, actor: "test")
    }

    /// Plays another copy of the station, which moves the tag again and again, until the station has noticed it: a write of
    /// the station that is under way may take the other's place a few times.
    func isNoticed(_ look: () async throws -> Bool) async throws -> Bool {
        var counter = 1000
        return try await eventually("the copy is noticed") {
            let tags = try await desk.api.tags(productKey: Self.productKey, deviceName: CloudDesk.probeName)
            for name in tags.keys {
                try await desk.api.saveTag(
                    name, "\(counter).0011223344556677.other", productKey: Self.productKey,
                    deviceName: CloudDesk.probeName)
            }
            counter += 1
            return try await look() ? true : nil
        }
    }
}
