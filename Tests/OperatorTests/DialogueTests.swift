import Execution
import Provisioning
import Testing

@testable import Operator

@Suite("What one person and the station say to each other by scans")
struct DialogueTests {
    private let start = ContinuousClock.now

    private func unit(
        _ state: BoardUnit.State, runs: Int = 1, pending: PendingWork? = nil, source: HardwareUID.Source = .chip
    ) throws -> BoardUnit {
        let mac = try MACAddress("6055F9000000")
        return BoardUnit(
            id: 1, order: "WO-0001", productKey: "a1test", identity: .mac(mac),
            uid: HardwareUID(hex: "AA", source: source), deviceName: try DeviceName(mac.hex), state: state, runs: runs,
            pending: pending)
    }

    private func label(
        _ unit: BoardUnit, _ code: FailureCode? = nil, slot: String? = nil
    ) -> Finding { .label(.unit(.init(unit: unit, code: code, slot: slot, runLimit: 3))) }

    private func order(
        _ state: WorkOrder.State, hold: FailureCode? = nil, first: FirstArticle = .off, occupied: [String] = []
    ) -> Finding {
        let order = WorkOrder(
            id: "WO-0001", terms: .init(productKey: "a1test", release: "1.0.0", profile: "esp32c3", quota: 10),
            state: state, holdCode: hold?.text, claimed: 4, firstArticle: first)
        return .order(id: order.id, .init(order: order, passed: 3, occupied: occupied))
    }

    private func scan(
        _ dialogue: inout Dialogue, _ finding: Finding, as role: Role = .operator, after seconds: Int = 0
    ) -> Dialogue.Reply {
        dialogue.scan(
            finding, id: "q", may: { $0.roles.contains(role) }, at: start + .seconds(seconds))
    }

    @Test(
        "a label is decided by its unit's state",
        arguments: [
            (BoardUnit.State.passed, Role.operator, ScanAnswer.Result.ok, nil as ScanAnswer.Ask.Kind?),
            (.done, .operator, .ok, nil), (.awaitingActivation, .operator, .ok, nil), (.claimed, .operator, .ok, nil),
            (.failed, .operator, .ok, nil), (.failed, .leader, .ask, .confirm), (.held, .operator, .wrong, nil),
            (.held, .leader, .ask, .reason), (.scrapped, .leader, .wrong, nil), (.replaced, .engineer, .wrong, nil),
        ])
    func states(
        state: BoardUnit.State, role: Role, result: ScanAnswer.Result, ask: ScanAnswer.Ask.Kind?
    ) throws {
        var dialogue = Dialogue()
        let reply = scan(&dialogue, label(try unit(state), .notReady), as: role)
        #expect(reply.answer.result == result, "\(reply.answer)")
        #expect(reply.answer.ask?.kind == ask)
        #expect(reply.answer.unit == "6055F9000000")
        #expect(reply.action == nil)
    }

    @Test("END-SHIFT ends the open shift, with a note or by the OK card without one")
    func shiftEnd() throws {
        var dialogue = Dialogue()
        let asked = scan(&dialogue, .shiftEnd(id: "2026-11-26/day"))
        #expect(asked.answer.ask?.kind == .note)
        #expect(scan(&dialogue, .command(.ok)).action == .endShift(id: "2026-11-26/day", note: nil))
        _ = scan(&dialogue, .shiftEnd(id: "2026-11-26/day"))
        let noted = dialogue.answer("q", reason: "reel is low", second: nil, next: "r", at: start)
        #expect(noted.action == .endShift(id: "2026-11-26/day", note: "reel is low"))
        _ = scan(&dialogue, .shiftEnd(id: nil))
        #expect(scan(&dialogue, .command(.ok)).action == .signOff)
    }

    @Test("an order at its offline limit is opened by a leader's OK, and nobody else's")
    func offlineLimit() throws {
        var dialogue = Dialogue()
        #expect(scan(&dialogue, order(.held, hold: .offlineLimit)).answer.ask == nil)
        let asked = scan(&dialogue, order(.held, hold: .offlineLimit), as: .leader)
        #expect(asked.answer.ask?.kind == .confirm)
        #expect(scan(&dialogue, .command(.ok), as: .leader).action == .openOrder(id: "WO-0001"))
    }

    @Test("a failed board is written again when the leader confirms by card, once")
    func reflash() throws {
        var dialogue = Dialogue()
        _ = scan(&dialogue, label(try unit(.failed), .notReady), as: .leader)
        let reply = scan(&dialogue, .command(.ok), as: .leader)
        guard case .unit(name: "6055F9000000", .reflash, let reason, second: nil)? = reply.action else {
            Issue.record("\(String(describing: reply.action))")
            return
        }
        #expect(reason.contains("BT-101"))
        #expect(scan(&dialogue, .command(.ok), as: .leader).answer.result == .wrong)
    }

    @Test("nobody is offered a re-flash of a board that nothing tells from its clone")
    func clone() throws {
        var dialogue = Dialogue()
        let reply = scan(&dialogue, label(try unit(.failed, source: .mac), .notReady), as: .leader)
        #expect(reply.answer.ask == nil)
    }

    @Test("a failed board past its run limit is refused with the code")
    func runLimit() throws {
        var dialogue = Dialogue()
        let reply = scan(&dialogue, label(try unit(.failed, runs: 3), .notReady))
        #expect(reply.answer.result == .wrong)
        #expect(reply.answer.words.zh.contains("CL-109"))
    }

    @Test("while a question stands a wrong scan changes nothing, and CANCEL drops it")
    func standing() throws {
        var dialogue = Dialogue()
        _ = scan(&dialogue, label(try unit(.failed), .notReady), as: .leader)
        for finding in [
            order(.draft), .slot(name: "2", .init(word: "EMPTY", unit: nil, message: .init(zh: "", en: ""))),
            label(try unit(.passed)), .label(.unreadable), .command(.endShift), .command(.redBin), .command(.reprint),
        ] {
            let reply = scan(&dialogue, finding, as: .leader)
            #expect(reply.answer.result == .wrong)
            #expect(reply.answer.ask?.kind == .confirm)
            #expect(reply.action == nil)
        }
        #expect(scan(&dialogue, .command(.cancel), as: .leader).answer.result == .ok)
        #expect(scan(&dialogue, .command(.ok), as: .leader).answer.result == .wrong)
    }

    @Test("a question that is a minute old is over")
    func old() throws {
        var dialogue = Dialogue()
        _ = scan(&dialogue, label(try unit(.failed), .notReady), as: .leader)
        let reply = scan(&dialogue, .command(.ok), as: .leader, after: 61)
        #expect(reply.answer.result == .wrong)
        #expect(reply.action == nil)
    }

    @Test("a unit on hold goes on for a reason; where another board may stand under its name, two people sign")
    func release() throws {
        var dialogue = Dialogue()
        _ = scan(&dialogue, label(try unit(.held), .runLimit), as: .leader)
        let one = dialogue.answer("q", reason: "cable mended", second: nil, next: "r", at: start)
        #expect(one.action == .release(unit: "6055F9000000", reason: "cable mended", second: nil))

        _ = scan(&dialogue, label(try unit(.held), .duplicateIdentity), as: .leader)
        let two = dialogue.answer("q", reason: "looked at both", second: nil, next: "r", at: start)
        #expect(two.action == nil)
        #expect(two.answer.ask?.kind == .second)
        #expect(scan(&dialogue, .command(.ok), as: .leader).answer.result == .wrong)
        let signed = dialogue.answer("r", reason: nil, second: "person:P-0002", next: "s", at: start)
        #expect(
            signed.action == .release(unit: "6055F9000000", reason: "looked at both", second: "person:P-0002"))
    }

    @Test(
        "an order card tells its figures; the leader opens it",
        arguments: [
            (WorkOrder.State.open, Role.operator, ScanAnswer.Result.ok), (.draft, .operator, .wrong),
            (.draft, .leader, .ask), (.held, .leader, .ask), (.closed, .leader, .wrong),
        ])
    func orders(state: WorkOrder.State, role: Role, result: ScanAnswer.Result) {
        var dialogue = Dialogue()
        #expect(scan(&dialogue, order(state), as: role).answer.result == result)
    }

    @Test("a change-over asks for empty slots")
    func changeOver() {
        var dialogue = Dialogue()
        let reply = scan(&dialogue, order(.draft, occupied: ["1", "3"]), as: .leader)
        #expect(reply.answer.result == .wrong)
        #expect(reply.answer.words.en.contains("1, 3"))
        _ = scan(&dialogue, order(.draft), as: .leader)
        #expect(scan(&dialogue, .command(.ok), as: .leader).action == .openOrder(id: "WO-0001"))
    }

    @Test("the leader confirms a first article and names the cause of what repeats")
    func leader() {
        var dialogue = Dialogue()
        _ = scan(&dialogue, order(.open, first: .passed), as: .leader)
        #expect(scan(&dialogue, .command(.ok), as: .leader).action == .confirmFirstArticle(order: "WO-0001"))
        #expect(scan(&dialogue, order(.open, first: .passed)).answer.result == .ok)
        _ = scan(&dialogue, order(.held, hold: .repetition), as: .leader)
        let reply = dialogue.answer("q", reason: "worn needle", second: nil, next: "r", at: start)
        #expect(reply.action == .nameCause(order: "WO-0001", reason: "worn needle"))
    }

    @Test("cards about a board need one that was scanned just before")
    func subject() throws {
        var dialogue = Dialogue()
        #expect(scan(&dialogue, .command(.redBin)).answer.result == .wrong)
        _ = scan(&dialogue, label(try unit(.failed), .notReady))
        #expect(scan(&dialogue, .command(.redBin)).answer.ask?.kind == .confirm)
        guard case .hold(unit: "6055F9000000", _)? = scan(&dialogue, .command(.ok)).action else {
            Issue.record("the unit was not held")
            return
        }
        #expect(scan(&dialogue, .command(.reprint)).answer.ask?.kind == .reason)
        let reprint = dialogue.answer("q", reason: "smudged", second: nil, next: "r", at: start)
        #expect(reprint.action == .reprint(unit: "6055F9000000", reason: "smudged"))
        #expect(scan(&dialogue, .command(.redBin), after: 61).answer.result == .wrong)
    }

    @Test("CALL goes at once, about what was scanned before, whatever question stands")
    func call() throws {
        var dialogue = Dialogue()
        _ = scan(&dialogue, label(try unit(.failed), .notReady, slot: "3"), as: .leader)
        #expect(scan(&dialogue, .command(.call), as: .leader).action == .call(unit: "6055F9000000", slot: "3"))
        #expect(dialogue.standing(at: start)?.kind == .confirm)
    }

    @Test("a label that a slot waits for goes there; a badge asks for its PIN; the end of a shift is confirmed")
    func others() {
        var dialogue = Dialogue()
        let slot = Finding.slot(name: "2", .init(word: "SCAN", unit: nil, message: .init(zh: "", en: "")))
        #expect(scan(&dialogue, slot).action == nil)
        #expect(scan(&dialogue, .label(.awaited(text: "X"))).action == .label(slot: "2", text: "X"))
        #expect(scan(&dialogue, .badge).answer.ask?.kind == .pin)
        _ = scan(&dialogue, .command(.endShift))
        #expect(scan(&dialogue, .command(.ok)).action == .signOff)
    }

    @Test(
        "a leader's card orders work on the board scanned before: by OK, or with a reason of its own",
        arguments: [
            (CardText.Command.reflash, UnitRequest.reflash), (.reset, .reset), (.scrap, .scrap(destroyed: false)),
        ])
    func work(command: CardText.Command, request: UnitRequest) throws {
        var dialogue = Dialogue()
        #expect(scan(&dialogue, .command(command), as: .leader).answer.result == .wrong, "no board was scanned")
        _ = scan(&dialogue, label(try unit(.passed)), as: .leader)
        #expect(scan(&dialogue, .command(command), as: .operator).answer.result == .wrong, "an operator may not")
        let asked = scan(&dialogue, .command(command), as: .leader)
        #expect(asked.answer.ask?.kind == .reason)
        #expect(asked.action == nil)
        #expect(
            scan(&dialogue, .command(.ok), as: .leader).action
                == .unit(name: "6055F9000000", request, reason: "ordered by card", second: nil))
        #expect(scan(&dialogue, .command(.ok), as: .leader).answer.result == .wrong, "once")
        _ = scan(&dialogue, .command(command), as: .leader)
        #expect(
            dialogue.answer("q", reason: "repaired", second: nil, next: "r", at: start).action
                == .unit(name: "6055F9000000", request, reason: "repaired", second: nil))
    }

    @Test("REPLACE waits for the label of a new board; a known one, and anything else, changes nothing")
    func replace() throws {
        var dialogue = Dialogue()
        _ = scan(&dialogue, label(try unit(.failed)), as: .operator)
        #expect(scan(&dialogue, .command(.replace), as: .operator).answer.result == .wrong)
        #expect(scan(&dialogue, .command(.replace), as: .leader).answer.ask?.kind == .label)
        #expect(scan(&dialogue, .command(.ok), as: .leader).answer.result == .wrong)
        #expect(scan(&dialogue, label(try unit(.passed)), as: .leader).answer.result == .wrong)
        #expect(scan(&dialogue, .label(.unreadable), as: .leader).answer.result == .wrong)
        let asked = scan(&dialogue, .label(.unknown(text: "6055F9000010", hasOrder: false)), as: .leader)
        #expect(asked.answer.ask?.kind == .reason)
        #expect(
            scan(&dialogue, .command(.ok), as: .leader).action
                == .unit(
                    name: "6055F9000000", .replace(identity: "6055F9000010", destroyed: false),
                    reason: "ordered by card", second: nil))
        _ = scan(&dialogue, .command(.replace), as: .leader)
        _ = scan(&dialogue, .command(.cancel), as: .leader)
        #expect(
            scan(&dialogue, .label(.unknown(text: "6055F9000010", hasOrder: true)), as: .leader).answer.ask == nil)
    }

    @Test("what is not there, or is nothing of ours, is wrong")
    func nothing() {
        var dialogue = Dialogue()
        for finding in [
            Finding.order(id: "WO-9999", nil), .slot(name: "99", nil), .label(.unreadable), .command(.ok),
            .label(.unknown(text: "6055F9000000", hasOrder: false)),
        ] {
            #expect(scan(&dialogue, finding).answer.result == .wrong)
        }
        #expect(scan(&dialogue, .label(.unknown(text: "6055F9000000", hasOrder: true))).answer.result == .ok)
    }
}
