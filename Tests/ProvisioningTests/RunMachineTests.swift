import Provisioning
import Testing

@Suite("A run is a state machine")
struct RunMachineTests {
    private func machine(after events: [RunMachine.Event]) -> RunMachine {
        var machine = RunMachine()
        for event in events { _ = machine.handle(event) }
        return machine
    }

    private let toClaim: [RunMachine.Event] = [.placed, .identified]

    @Test("the way of a good board asks for each step once and ends in pass")
    func goodBoard() {
        var machine = RunMachine()
        #expect(machine.handle(.placed) == [.identify])
        #expect(machine.handle(.identified) == [.claim])
        #expect(
            machine.handle(.admitted(.full(.skipMatching))) == [
                .register, .flash(.skipMatching, erasesDeviceCredential: false),
            ])
        #expect(machine.handle(.flashed) == [])
        #expect(machine.handle(.registered) == [.look])
        #expect(machine.handle(.looked) == [.boot])
        #expect(machine.handle(.booted) == [.activate])
        #expect(machine.handle(.activated) == [.conclude(.init(outcome: .pass, failure: nil))])
        #expect(machine.isConcluded)
        #expect(machine.handle(.activated) == [])
    }

    @Test("pass is reached by no way that leaves out the proof")
    func noPassWithoutProof() {
        let events: [RunMachine.Event] = [
            .placed, .identified, .admitted(.full(.writeAll)), .registered, .flashed, .looked, .booted,
        ]
        for skipped in events.indices {
            var machine = RunMachine()
            var actions: [RunMachine.Action] = []
            for (index, event) in events.enumerated() where index != skipped { actions += machine.handle(event) }
            actions += machine.handle(.activated)
            #expect(!actions.contains(.conclude(.init(outcome: .pass, failure: nil))), "without \(events[skipped])")
        }
    }

    @Test("a failure in register waits for the flash, and the first failure decides")
    func joinedFailures() {
        var machine = machine(after: toClaim + [.admitted(.full(.skipMatching))])
        let cloud = Failure(.registerCloud, "outage")
        #expect(machine.handle(.failed(cloud, during: .register)) == [])
        #expect(
            machine.handle(.failed(Failure(.blockWrite, "at 0x1000"), during: .flash)) == [
                .conclude(.init(outcome: .held, failure: cloud))
            ])
    }

    @Test("a finish run goes to register and the cloud's reading, never to flash")
    func finishRun() {
        var machine = machine(after: toClaim)
        #expect(machine.handle(.admitted(.finish())) == [.register])
        #expect(machine.handle(.registered) == [.look])
    }

    @Test("a board that is not activated by plan ends as done after the join, and is never booted")
    func doneByPlan() {
        var machine = machine(after: toClaim + [.admitted(.full(.skipMatching, .none)), .registered])
        #expect(machine.handle(.flashed) == [.conclude(.init(outcome: .done, failure: nil))])
        #expect(machine.handle(.activated) == [])
    }

    @Test("a relayed board gets its credential after the boot and before the proof")
    func relayed() {
        var machine = machine(
            after: toClaim + [.admitted(.full(.skipMatching, .relay)), .registered, .flashed, .looked])
        #expect(machine.handle(.activated) == [])
        #expect(machine.handle(.booted) == [.relay])
        #expect(machine.handle(.activated) == [])
        #expect(machine.handle(.relayed) == [.activate])
        #expect(machine.handle(.activated) == [.conclude(.init(outcome: .pass, failure: nil))])
    }

    @Test("a reset opens the device in the cloud first, then erases the board's device credential with the flash")
    func reset() {
        var machine = machine(after: toClaim)
        let admission = RunMachine.Admission(flash: .skipMatching, activation: .board, resets: true)
        #expect(machine.handle(.admitted(admission)) == [.reset])
        #expect(machine.handle(.resetDone) == [.register, .flash(.skipMatching, erasesDeviceCredential: true)])
    }

    @Test("a reset that the cloud refuses ends the run before anything is written")
    func resetRefused() {
        var machine = machine(
            after: toClaim + [.admitted(.init(flash: .skipMatching, activation: .board, resets: true))])
        let failure = Failure(.resetRefused, "no second key")
        #expect(
            machine.handle(.failed(failure, during: .register)) == [
                .conclude(.init(outcome: .held, failure: failure))
            ])
    }

    @Test(
        "the outcome of a failure follows its code",
        arguments: [
            (FailureCode.blockWrite, Outcome.fail), (.registerCloud, .held), (.alreadyPassed, .aborted),
            (.slotStopping, .aborted), (.interrupted, .interrupted), (.duplicateIdentity, .held),
        ])
    func outcomes(code: FailureCode, outcome: Outcome) {
        var machine = machine(after: [.placed])
        let failure = Failure(code, "x")
        #expect(
            machine.handle(.failed(failure, during: .identify)) == [
                .conclude(.init(outcome: outcome, failure: failure))
            ])
    }

    @Test("every failure code says in both languages what happened and what to do")
    func catalogue() {
        #expect(Set(FailureCatalogue.all.map(\.code)).count == FailureCatalogue.all.count)
        for entry in FailureCatalogue.all {
            #expect(!entry.zh.happened.isEmpty && !entry.zh.action.isEmpty, "\(entry.code)")
            #expect(!entry.en.happened.isEmpty && !entry.en.action.isEmpty, "\(entry.code)")
            #expect(entry.code.wholeMatch(of: /(ID|CL|RG|FL|VF|BT|AC|ST)-\d{3}/) != nil)
        }
    }
}
