import Provisioning
import Testing

@testable import Execution

@Suite("One board's label, as a state machine")
struct LabelMachineTests {
    private static let off = CallTrouble("off", mayHaveArrived: false)
    private static let broken = CallTrouble("broken")

    private func machine(isConfirmed: Bool = false, reason: String? = nil) -> LabelMachine {
        LabelMachine(isConfirmed: isConfirmed, reason: reason, scanLimit: .seconds(30))
    }

    /// Handles events and keeps what was done, without the lengths of waits.
    private func play(_ machine: inout LabelMachine, _ events: LabelMachine.Event...) -> [String] {
        events.flatMap { machine.handle($0) }.map { action in
            switch action {
            case .askTurn: "ask"
            case .giveTurn: "give"
            case .print(let isNew, let reason): "print \(isNew ? "new" : "again") \(reason ?? "-")"
            case .wait(_, let timer): "wait \(timer)"
            case .recordHold(let failure): "record \(failure.code)"
            case .show(.held(let failure)): "show \(failure.code)"
            case .show(let phase): "show \(phase)"
            case .end: "end"
            }
        }
    }

    @Test("printed in its turn, scanned, confirmed, over when the board is gone")
    func plain() {
        var machine = machine()
        #expect(machine.begin() == [.show(.queued), .askTurn])
        #expect(play(&machine, .turn) == ["show printing", "print new -"])
        #expect(play(&machine, .printed) == ["show scan", "wait 1"])
        #expect(play(&machine, .scanned) == ["give", "show confirmed"])
        // The clock of the scan runs out afterwards: it is nobody's any more.
        #expect(play(&machine, .timer(1)).isEmpty)
        #expect(play(&machine, .gone) == ["give", "end"])
        #expect(play(&machine, .turn, .printed, .scanned, .gone).isEmpty)
    }

    @Test("a board that is taken away to get its label keeps the slot until the label is scanned")
    func taken() {
        var machine = machine()
        _ = play(&machine, .turn, .printed)
        #expect(play(&machine, .gone).isEmpty)
        #expect(play(&machine, .scanned) == ["give", "show confirmed", "give", "end"])
    }

    @Test("a printer that cannot be reached is asked again, for the same copy")
    func unsent() {
        var machine = machine()
        _ = play(&machine, .turn)
        #expect(play(&machine, .failed(Self.off)) == ["give", "record ST-301", "show ST-301", "wait 1"])
        #expect(play(&machine, .timer(1)) == ["ask"])
        #expect(play(&machine, .turn) == ["show printing", "print again -"])
        // The same trouble again is not news.
        #expect(play(&machine, .failed(Self.off)) == ["give", "show ST-301", "wait 3"])
        #expect(play(&machine, .timer(3), .turn) == ["ask", "show printing", "print again -"])
        #expect(play(&machine, .printed) == ["show scan", "wait 5"])
    }

    @Test("a label that may have come out is printed as another copy, with the trouble as its reason")
    func broken() {
        var machine = machine()
        _ = play(&machine, .turn, .failed(Self.broken))
        #expect(play(&machine, .timer(1), .turn) == ["ask", "show printing", "print new printer trouble: broken"])
    }

    @Test("a label that is not scanned in time gives the turn to the next slot; scanned later, it is still good")
    func late() {
        var machine = machine()
        _ = play(&machine, .turn, .printed)
        #expect(play(&machine, .timer(1)) == ["give", "record ST-302", "show ST-302"])
        #expect(play(&machine, .scanned) == ["give", "show confirmed"])
    }

    @Test("a board that is taken away while it is held leaves the slot, its label still due")
    func heldAndGone() {
        var machine = machine()
        _ = play(&machine, .turn, .failed(Self.off))
        #expect(play(&machine, .gone) == ["give", "end"])
        var other = self.machine()
        _ = play(&other, .turn, .gone)
        #expect(play(&other, .failed(Self.off)) == ["give", "record ST-301", "show ST-301", "give", "end"])
    }

    @Test("a reprint has its reason: while the scan is waited for, after it, and after the time for it")
    func reprints() {
        var machine = machine()
        _ = play(&machine, .turn, .printed)
        #expect(play(&machine, .reprint(reason: "torn")) == ["show printing", "print new torn"])
        #expect(play(&machine, .printed, .scanned) == ["show scan", "wait 3", "give", "show confirmed"])
        #expect(play(&machine, .reprint(reason: "smeared")) == ["show queued", "ask"])
        #expect(play(&machine, .turn) == ["show printing", "print new smeared"])
        #expect(play(&machine, .printed, .timer(6)) == ["show scan", "wait 6", "give", "record ST-302", "show ST-302"])
        #expect(
            play(&machine, .reprint(reason: "lost"), .turn) == [
                "show queued", "ask", "show printing", "print new lost",
            ])
    }

    @Test("a unit whose label was scanned back before prints nothing")
    func confirmed() {
        var machine = machine(isConfirmed: true)
        #expect(machine.begin() == [.show(.confirmed)])
        #expect(play(&machine, .gone) == ["give", "end"])
    }
}
