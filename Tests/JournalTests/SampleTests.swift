import Journal
import Provisioning
import Testing

@Suite("Orders that activate samples alone")
struct SampleTests {
    private let terms = WorkOrder.Terms(
        productKey: "a1sample", release: "1.0.0", profile: "esp32c3", quota: 20, activation: .sample(every: 3))

    /// An open order of samples, beside the bed's own.
    private func order(_ bed: Bed) async throws -> WorkOrder {
        try await bed.journal.changeOrder(bed.order.id, to: .closing, reason: "x", actor: "test")
        let draft = try await bed.journal.createOrder(terms, actor: "test")
        return try await bed.journal.changeOrder(draft.id, to: .open, reason: "x", actor: "test")
    }

    private func mac(_ number: Int) -> String {
        "6055F900" + (number < 4 ? "000" : "00") + String(number * 4, radix: 16)
    }

    @Test("every third board is activated; a failed sample holds those since the last good one and sets 100 %")
    func failedSample() async throws {
        let bed = try await Bed()
        let order = try await order(bed)
        var units: [BoardUnit] = []
        for number in 1...6 {
            let (run, result) = try await bed.claim(bed.request(mac(number), order: order.id))
            let unit = try #require(result.unit)
            #expect(unit.ordinal == number)
            #expect(result.admission?.activation == (number.isMultiple(of: 3) ? .board : RunMachine.Activation.none))
            units.append(unit)
            switch number {
            case 3: try await bed.conclude(run, .pass, flashed: true)
            case 6: try await bed.conclude(run, .fail, Failure(.notActivated, "x"), flashed: true)
            default: try await bed.conclude(run, .done, flashed: true)
            }
        }
        var states: [BoardUnit.State?] = []
        for unit in units { states.append(try await bed.journal.unit(unit.id)?.state) }
        #expect(states == [.done, .done, .passed, .held, .held, .failed])
        #expect(try await bed.journal.order(order.id)?.activatesAll == true)
        #expect(try await bed.claim(bed.request(mac(7), order: order.id)).result.admission?.activation == .board)
        _ = try await bed.journal.releaseUnit(
            deviceName: units[3].deviceName.text, reason: "test again", actor: "leader")
        let again = try await bed.claim(bed.request(mac(4), order: order.id)).result
        #expect(again.admission == .full(.skipMatching, .board))
    }

    @Test("a board that was under way when the sample failed is held when it ends as done")
    func underWay() async throws {
        let bed = try await Bed()
        let order = try await order(bed)
        var runs: [Int64] = []
        for number in 1...3 { runs.append(try await bed.claim(bed.request(mac(number), order: order.id)).run) }
        try await bed.conclude(runs[2], .fail, Failure(.notActivated, "x"), flashed: true)
        for run in runs[..<2] { try await bed.conclude(run, .done, flashed: true) }
        #expect(try await bed.journal.units(order: order.id).map(\.state) == [.held, .held, .failed])
    }

    @Test("a board that was lifted off says nothing about the sample")
    func lifted() async throws {
        let bed = try await Bed()
        let order = try await order(bed)
        for number in 1...3 {
            let (run, _) = try await bed.claim(bed.request(mac(number), order: order.id))
            if number == 3 {
                try await bed.conclude(run, .fail, Failure(.removedAtActivate, "x"), flashed: true)
            } else {
                try await bed.conclude(run, .done, flashed: true)
            }
        }
        #expect(try await bed.journal.order(order.id)?.activatesAll == false)
    }

    @Test("a board that fails before it is switched on says nothing about the sample")
    func flashFailure() async throws {
        let bed = try await Bed()
        let order = try await order(bed)
        for number in 1...3 {
            let (run, _) = try await bed.claim(bed.request(mac(number), order: order.id))
            if number == 3 {
                try await bed.conclude(run, .fail, Failure(.blockWrite, "x"))
            } else {
                try await bed.conclude(run, .done, flashed: true)
            }
        }
        #expect(try await bed.journal.order(order.id)?.activatesAll == false)
    }

    @Test("a product has one mode of registration, and without pre-registration the release must declare C SDK 4")
    func modes() async throws {
        let bed = try await Bed()
        func create(_ product: String, _ mode: RegistrationMode, _ release: String) async throws {
            _ = try await bed.journal.createOrder(
                .init(
                    productKey: product, release: release, profile: "esp32c3", quota: 1, registration: mode),
                actor: "test")
        }
        await #expect(throws: JournalError.self) { try await create("a1new", .noPreregistration, "1.0.0") }
        try await bed.journal.addRelease(
            Release(profile: "esp32c3", version: "2.0.0", images: [], sha256: "00", deviceSDK: "c-4.2.0"),
            actor: "test")
        try await create("a1new", .noPreregistration, "2.0.0")
        // What a release is built on may be declared later, once.
        for (sdk, isTaken) in [("c-4.2.0", true), ("c-4.2.0", true), ("c-4.3.0", false)] {
            let release = Release(profile: "esp32c3", version: "1.0.0", images: [], sha256: "00", deviceSDK: sdk)
            let taken: ()? = try? await bed.journal.addRelease(release, actor: "test")
            #expect((taken != nil) == isTaken, "\(sdk)")
        }
        try await create("a1later", .noPreregistration, "1.0.0")
        await #expect(throws: JournalError.self) { try await create("a1new", .preRegistered, "2.0.0") }
        await #expect(throws: JournalError.self) { try await create("a1test", .noPreregistration, "2.0.0") }
    }

    @Test("a window holds what lies within it, to the second")
    func window() throws {
        let window = try #require(ProductionWindow("2026-11-25T08:00:00Z/2026-11-25T20:00:00Z"))
        #expect(window.contains("2026-11-25T08:00:00.000Z") && window.contains("2026-11-25T19:59:59.999Z"))
        #expect(!window.contains("2026-11-25T20:00:00Z") && !window.contains("2026-11-25T07:59:59.999Z"))
        #expect(!window.contains("yesterday"))
        for text in ["", "x/y", "2026-11-25T20:00:00Z/2026-11-25T08:00:00Z", "2026-11-25T08:00:00Z"] {
            #expect(ProductionWindow(text) == nil, "\(text)")
        }
    }
}
