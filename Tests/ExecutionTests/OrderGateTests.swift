import Journal
import Provisioning
import Simulation
import Testing

@testable import Execution

@Suite("The probe name tells what is wrong with an order, and nothing else is registered to find out")
struct OrderGateTests {
    @Test("with switch and secret right the order stays open, and only the probe name exists in the cloud")
    func ready() async throws {
        try await CloudBed.with { bed async throws in
            #expect(try await bed.gate().check(bed.order) == .ready)
            #expect(try await bed.admin.devices().map(\.deviceName) == [OrderGate.probeName])
            #expect(try await bed.journal.order(bed.order.id)?.state == .open)
        }
    }

    @Test(
        "a switch that is off holds the order with its code; turned on, the order goes on by itself",
        .timeLimit(.minutes(2)))
    func switchOff() async throws {
        try await CloudBed.with { bed async throws in
            try await bed.admin.turnSwitch(product: CloudBed.productKey, on: false)
            let gate = bed.gate()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await gate.run() }
                // A busy machine may take its time to ask the probe: the order is held when it has answered.
                while try await bed.journal.order(bed.order.id)?.state == .open {
                    try await Task.sleep(for: .milliseconds(20))
                }
                let refused = try await gate.admission(to: bed.order.id, limit: .seconds(1)) { _ in }
                #expect(refused?.code == .switchOff)
                #expect(try await bed.journal.order(bed.order.id)?.holdCode == FailureCode.switchOff.text)
                try await bed.admin.turnSwitch(product: CloudBed.productKey, on: true)
                #expect(try await gate.admission(to: bed.order.id, limit: .seconds(30)) { _ in } == nil)
                #expect(try await bed.journal.order(bed.order.id)?.state == .open)
                group.cancelAll()
            }
        }
    }

    @Test("a wrong ProductSecret holds the order with its code")
    func wrongSecret() async throws {
        try await CloudBed.with(secretInVault: Secret("wrongwrongwrong1")) { bed async throws in
            #expect(try await bed.gate().check(bed.order) == .refused(.productSecretWrong))
        }
    }

    @Test("without a sealed ProductSecret nothing is asked of the cloud")
    func noSecret() async throws {
        try await CloudBed.with(secretInVault: nil) { bed async throws in
            #expect(try await bed.gate().check(bed.order) == .refused(.credentialMissing))
            #expect(try await bed.admin.devices().isEmpty)
        }
    }

    @Test("an order that a person holds or closes stays so, whatever the probe says and whoever asks")
    func heldByPerson() async throws {
        try await CloudBed.with { bed async throws in
            let held = try await bed.journal.changeOrder(bed.order.id, to: .held, reason: "leader", actor: "test")
            // Asked with the order as it was, as a run does that began before, and as it is.
            for order in [bed.order, held] {
                #expect(try await bed.gate().check(order) == .ready)
                #expect(try await bed.journal.order(bed.order.id)?.state == .held)
            }
            try await bed.journal.changeOrder(bed.order.id, to: .closing, reason: "leader", actor: "test")
            let closed = try await bed.journal.changeOrder(
                bed.order.id, to: .closed, leavingUnsettled: true, reason: "leader", actor: "test")
            #expect(try await bed.gate().check(closed) == .ready)
            #expect(try await bed.journal.order(bed.order.id)?.state == .closed)
        }
    }

    @Test("where HTTPS registration is not offered the probe says that it cannot tell, and boards may start")
    func cannotTell() async throws {
        try await CloudBed.with(offersRegistration: false) { bed async throws in
            #expect(try await bed.gate().check(bed.order) == .cannotTell)
            #expect(try await bed.journal.order(bed.order.id)?.state == .open)
        }
    }
}
