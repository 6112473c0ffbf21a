/// All simulated boards of a line in one process: slots with control sockets, boards put on and taken off by command.
///
/// A placed board costs a pseudo terminal and its flash mapped; one in the tray costs its line in the plan.
public struct SimulatedFixture: Sendable {
    /// Where a slot is reached, as it stands in the ready file.
    public struct SlotAddress: Sendable, Encodable {
        public let name: String
        /// The link a placed board's serial port appears under.
        public let port: String
        /// `socket://127.0.0.1:PORT`: `off`, `on`, `loader`, `run`, `present?`, `place ID`, `remove`.
        public let control: String
    }

    private let slots: [FixtureSlot]

    /// Checks the plan and opens the control sockets; commands wait until ``run()``.
    /// - Throws: ``BoardError`` with code `input` or `port`.
    public init(_ plan: FixturePlan) throws(BoardError) {
        let tray = FixtureTray(try plan.tray())
        var slots: [FixtureSlot] = []
        for slot in plan.slots { slots.append(try FixtureSlot(slot, tray: tray)) }
        self.slots = slots
    }

    /// The slots in the plan's order.
    public var addresses: [SlotAddress] {
        slots.map { SlotAddress(name: $0.name, port: $0.link, control: $0.control) }
    }

    /// Serves until the task is cancelled; boards are taken off then, their links with them.
    public func run() async {
        await withDiscardingTaskGroup { group in
            for slot in slots { group.addTask { await slot.run() } }
        }
    }
}
