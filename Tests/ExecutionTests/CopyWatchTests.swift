import AliyunIoT
import Crypto
import Journal
import Locking
import Provisioning
import Simulation
import Testing

@testable import Execution

@Suite("A second copy of the station shows by the tag at the probe name")
struct CopyWatchTests {
    private static func signer(_ key: Curve25519.Signing.PrivateKey) -> StationSigner {
        StationSigner(
            fingerprint: SHA256.hash(data: key.publicKey.rawRepresentation).map {
                ($0 < 16 ? "0" : "") + String($0, radix: 16)
            }
            .joined(),
            sign: { Array(try key.signature(for: $0)) },
            verify: { key.publicKey.isValidSignature($0, for: $1) })
    }

    /// A bed with the probe name registered, and a watch under `key`.
    private static func with(
        _ body:
            @Sendable (_ bed: CloudBed, _ watch: @Sendable (Curve25519.Signing.PrivateKey) -> CopyWatch) async throws ->
            Void
    ) async throws {
        try await CloudBed.with { bed async throws in
            _ = try await bed.desk.api.registerDevice(
                productKey: CloudBed.productKey, deviceName: CloudDesk.probeName)
            try await body(bed) { key in
                CopyWatch(journal: bed.journal, api: bed.desk.api, signer: Self.signer(key), actor: "test")
            }
        }
    }

    private static func tags(_ bed: CloudBed) async throws -> [String: String] {
        try await bed.desk.api.tags(productKey: CloudBed.productKey, deviceName: CloudDesk.probeName)
    }

    @Test("alone it finds its own tag each time, and the counter goes up")
    func alone() async throws {
        try await Self.with { bed, watch in
            let key = Curve25519.Signing.PrivateKey()
            for round in 1...3 {
                #expect(try await watch(key).look(productKey: CloudBed.productKey) == .alone)
                let values = try await Self.tags(bed).values.map { $0 }
                #expect(values.count == 1 && values[0].hasPrefix("\(round).") && values[0].utf8.count <= 128)
            }
            #expect(try await bed.journal.productionHold() == nil)
        }
    }

    @Test("stations with keys of their own do not see one another")
    func strangers() async throws {
        try await Self.with { bed, watch in
            let (one, two) = (Curve25519.Signing.PrivateKey(), Curve25519.Signing.PrivateKey())
            #expect(try await watch(one).look(productKey: CloudBed.productKey) == .alone)
            // The journal of another station has no tag of that key.
            try await CloudBed.with { other async throws in
                let far = CopyWatch(
                    journal: other.journal, api: bed.desk.api, signer: Self.signer(two), actor: "test")
                #expect(try await far.look(productKey: CloudBed.productKey) == .alone)
            }
            #expect(try await watch(one).look(productKey: CloudBed.productKey) == .alone)
            #expect(try await Self.tags(bed).count == 2)
        }
    }

    @Test("a tag that this journal never wrote holds production, whoever wrote it", arguments: [true, false])
    func copied(isSigned: Bool) async throws {
        try await Self.with { bed, watch in
            let key = Curve25519.Signing.PrivateKey()
            #expect(try await watch(key).look(productKey: CloudBed.productKey) == .alone)
            let name = try #require(try await Self.tags(bed).keys.first)
            let word = "00112233445566aa"
            let signature = isSigned ? try Self.signer(key).sign(CloudBed.productKey, 2, word) : "none"
            try await bed.desk.api.saveTag(
                name, "2.\(word).\(signature)", productKey: CloudBed.productKey, deviceName: CloudDesk.probeName)
            guard case .copied(let sentence) = try await watch(key).look(productKey: CloudBed.productKey) else {
                Issue.record("the copy was not noticed")
                return
            }
            #expect(sentence.contains(isSigned ? "has this station's key" : "without this station's key"))
            let hold = try #require(try await bed.journal.productionHold())
            #expect(hold.cause == .copied && hold.code == .stationCopied)
            // Boards are refused meanwhile, and the order is held with the same code.
            #expect(try await bed.gate().check(bed.order) == .refused(.stationCopied))
            // Settled by a person, the tag that was found is the one to go on from.
            try await bed.journal.settleHold(hold, taken: [], explained: [], reason: "test", actor: "test")
            #expect(try await watch(key).look(productKey: CloudBed.productKey) == .alone)
            #expect(try await Self.tags(bed)[name]?.hasPrefix("3.") == true)
            #expect(try await watch(key).look(productKey: CloudBed.productKey) == .alone)
        }
    }

    @Test("a tag lost on its way, and one that is gone, are no copy")
    func lost() async throws {
        try await Self.with { bed, watch in
            let key = Curve25519.Signing.PrivateKey()
            for _ in 1...2 { #expect(try await watch(key).look(productKey: CloudBed.productKey) == .alone) }
            let (name, old) = try #require(try await Self.tags(bed).first)
            #expect(try await watch(key).look(productKey: CloudBed.productKey) == .alone)
            // The write of the third is lost: the second is what the cloud still has.
            try await bed.desk.api.saveTag(
                name, old, productKey: CloudBed.productKey, deviceName: CloudDesk.probeName)
            #expect(try await watch(key).look(productKey: CloudBed.productKey) == .alone)
            let reading = try await bed.desk.api.queryDeviceDetail(
                productKey: CloudBed.productKey, deviceName: CloudDesk.probeName)
            try await bed.desk.api.deleteDevice(iotID: try #require(reading?.iotID))
            guard case .unknown = try await watch(key).look(productKey: CloudBed.productKey) else {
                Issue.record("no device, and yet a tag")
                return
            }
            _ = try await bed.desk.api.registerDevice(
                productKey: CloudBed.productKey, deviceName: CloudDesk.probeName)
            #expect(try await watch(key).look(productKey: CloudBed.productKey) == .alone)
            #expect(try await bed.journal.productionHold() == nil)
        }
    }
}
