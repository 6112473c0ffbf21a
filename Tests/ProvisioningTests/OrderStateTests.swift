import Provisioning
import Testing

@Suite("How an order goes from state to state")
struct OrderStateTests {
    @Test(
        "each state has the states that may follow it, and no other",
        arguments: [
            (WorkOrder.State.draft, [WorkOrder.State.open, .closing, .terminated]),
            (.open, [.held, .closing, .terminated]), (.held, [.open, .closing, .terminated]),
            (.closing, [.held, .closed, .terminated]), (.closed, []), (.terminated, []),
        ])
    func following(state: WorkOrder.State, next: [WorkOrder.State]) {
        #expect(state.next == next)
        #expect(state.isOver == next.isEmpty)
    }

    @Test("every state can be reached from a draft")
    func reachable() {
        var reached: Set<WorkOrder.State> = [.draft]
        for _ in WorkOrder.State.allCases { reached.formUnion(reached.flatMap(\.next)) }
        #expect(reached == Set(WorkOrder.State.allCases))
    }
}
