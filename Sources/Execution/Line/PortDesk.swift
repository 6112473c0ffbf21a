import Bench
import Provisioning

/// Where boards are plugged in, against where the slots are: looked at once a second at most, and only where a slot has a
/// place on the USB tree.
actor PortDesk {
    private static let interval = Duration.seconds(1)

    private let occupancy: SlotOccupancy
    private let isNeeded: Bool
    private let events: LineEvents
    private var tree: USBTopology?
    private var looked: ContinuousClock.Instant?
    private var findings: [SlotOccupancy.Finding] = []
    private var told: Set<String> = []
    /// The tree as it was when each run began.
    private var before: [String: USBTopology] = [:]

    init(_ slots: [SlotSettings], events: LineEvents) {
        let places = Dictionary(slots.map { ($0.name, $0.port.description) }) { first, _ in first }
        occupancy = SlotOccupancy(slots: places)
        isNeeded = places.values.contains { $0.hasPrefix("usb:") }
        self.events = events
    }

    /// Why the board in a slot must not be touched; nil where nothing is wrong with its place.
    func refusal(slot: String) -> Failure? {
        look()
        guard let finding = findings.first(where: { $0.slot == slot }) else { return nil }
        return Failure(.twoBoards, finding.sentence.en)
    }

    /// A run begins: from here on its board is followed.
    func begin(slot: String) {
        look()
        before[slot] = tree
    }

    /// A run has ended.
    func end(slot: String) { before[slot] = nil }

    /// The board of a run went to another place.
    func moved(slot: String) -> Failure? {
        look()
        guard let then = before[slot], let tree else { return nil }
        return occupancy.moves(from: then, to: tree, running: [slot]).first.map {
            Failure(.boardMoved, $0.sentence.en)
        }
    }

    private func look() {
        guard isNeeded, looked.map({ $0.duration(to: .now) >= Self.interval }) ?? true else { return }
        let now = USBTopology.read()
        (tree, looked) = (now, .now)
        findings = occupancy.findings(in: now)
        // A board on no slot is nobody's run: it is told once while it is there.
        let unmapped = findings.filter { $0.slot == nil }.map(\.sentence)
        for sentence in unmapped where !told.contains(sentence.en) {
            events.send(
                .notice(
                    "\(FailureCode.unmappedPort): \(sentence.en)", zh: "\(FailureCode.unmappedPort)：\(sentence.zh)"))
        }
        told = Set(unmapped.map(\.en))
    }
}
