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
    /// A bed with the probe name registered, and a watch under `key`.
    private static func with(
        callDeadline: Duration = .seconds(10),
        _ body:
            @Sendable (_ bed: CloudBed, _ watch: @Sendable (Curve25519.Signing.PrivateKey) -> CopyWatch) async throws ->
            Void
    ) async throws {
        try await CloudBed.with(callDeadline: callDeadline) { bed async throws in
            _ = try await bed.desk.api.registerDevice(
                productKey: CloudBed.productKey, deviceName: CloudDesk.probeName)
            try await body(bed) { bed.copyWatch(StationSigner(key: $0)) }
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
                    journal: other.journal, api: bed.desk.api, signer: StationSigner(key: two), actor: "test")
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
            let signature = isSigned ? try StationSigner(key: key).sign(CloudBed.productKey, 2, word) : "none"
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

    @Test("a tag that the cloud carries out late, over newer ones, is no copy", .timeLimit(.minutes(3)))
    func late() async throws {
        try await Self.with(callDeadline: .seconds(2)) { bed, watch in
            let key = Curve25519.Signing.PrivateKey()
            func look() async throws -> CopyWatch.Finding {
                var brief = watch(key)
                brief.within = .seconds(2)
                return try await brief.look(productKey: CloudBed.productKey)
            }
            func reached() async throws -> Int? {
                try await Self.tags(bed).values.first?.split(separator: ".").first.flatMap { Int($0) }
            }
            /// A busy machine may have to look more than once.
            func lookWell() async throws {
                _ = try await eventually("a look that tells something") {
                    let found = try await look()
                    if case .copied(let sentence) = found { Issue.record("\(sentence)") }
                    return found == .alone ? true : nil
                }
            }
            try await lookWell()
            try await bed.admin.set(.lateCall, of: "SaveDeviceProp", times: 1)
            _ = try await eventually("a tag that is held") {
                if case .unknown = try await look() {
                    try await bed.journal.copyTag(productKey: CloudBed.productKey)
                } else {
                    nil
                }
            }
            for _ in 1...2 { try await lookWell() }
            let newest = try #require(try await reached())
            try await bed.admin.takeBackCallFaults()
            _ = try await eventually("the older tag") { try await reached() ?? newest < newest ? true : nil }
            try await lookWell()
            #expect(try await bed.journal.productionHold() == nil)
        }
    }

    @Test("looks of one station that overlap are no copy")
    func overlapping() async throws {
        try await Self.with { bed, watch in
            let station = watch(Curve25519.Signing.PrivateKey())
            for _ in 1...3 {
                let found = try await withThrowingTaskGroup(of: CopyWatch.Finding.self) { group in
                    for _ in 1...8 {
                        group.addTask { try await station.look(productKey: CloudBed.productKey) }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(found.allSatisfy { $0 == .alone }, "\(found)")
            }
            #expect(try await bed.journal.productionHold() == nil)
        }
    }

    @Test("a station's own key that cannot be used tells nothing, and holds nothing")
    func noKey() async throws {
        struct Gone: Error {}
        try await Self.with { bed, _ in
            let signer = StationSigner(fingerprint: "00", sign: { _ in throw Gone() }, verify: { _, _ in false })
            guard case .unknown = try await bed.copyWatch(signer).look(productKey: CloudBed.productKey) else {
                Issue.record("a tag was signed without a key")
                return
            }
            #expect(try await Self.tags(bed).isEmpty)
            #expect(try await bed.journal.productionHold() == nil)
        }
    }
}
