/// Finds the USB port of one slot by plugging a board into it: `station slot map`.
///
/// A state machine without effects: give it a look at the tree about twice a second with the time since the start, and
/// show or do what comes back. The board is plugged in, taken out and plugged in again, so that another board that came
/// by chance is not mistaken for it:
///
///     awaitBoard ──one new board, twice seen──► awaitRemoval ──gone──► awaitReturn ──same place──► done
///
/// Boards that were there at the start do not count until they were taken out.
public struct SlotMapping: Sendable {
    /// What happened.
    public enum Event: Hashable, Sendable {
        /// The next thing to do.
        case instruct(SlotSentence)
        /// Something is wrong; the machine stays where it is, and goes on once it is put right.
        case refuse(Refusal, SlotSentence)
        /// The slot's address was found and confirmed. Nothing follows.
        case mapped(String)
        /// Nobody did what was asked within the time. Nothing follows.
        case timedOut(SlotSentence)
    }

    public enum Refusal: Hashable, Sendable {
        /// Two or more boards came at once, or one board with a hub and several devices of its own.
        case severalBoards([USBPortPath])
        /// The place belongs to another slot.
        case alreadyMapped(USBPortPath, slot: String)
        /// The board has several serial ports, and none was chosen; the addresses there are.
        case severalPorts([String])
        /// The chosen interface has no serial port.
        case noSuchInterface(Int)
        /// The board came back in another place.
        case otherPlace(expected: USBPortPath, received: USBPortPath)
    }

    private enum State: Hashable {
        case start
        case awaitBoard(candidates: Set<USBPortPath>)
        case awaitRemoval(USBPortPath, address: String)
        case awaitReturn(USBPortPath, address: String)
        case done
    }

    public let slot: String
    /// The interface wanted where a board has several serial ports; nil takes the only one.
    public let interface: Int?
    /// How long each of the three steps may take.
    public let patience: Duration
    private let taken: [(path: USBPortPath, slot: String)]
    private var state = State.start
    /// Boards that are there and not asked for.
    private var background: Set<USBPortPath> = []
    private var stepBegan = Duration.zero
    private var lastRefusal: Refusal?

    /// - Parameters:
    ///   - mapped: the other slots' addresses by slot name; those that are no place on the USB tree do not matter.
    public init(slot: String, mapped: [String: String], interface: Int? = nil, patience: Duration = .seconds(60)) {
        self.slot = slot
        self.interface = interface
        self.patience = patience
        taken = mapped.sorted { $0.key < $1.key }.compactMap { name, address in
            guard name != slot else { return nil }
            return SlotPlace(address).map { ($0.path, name) }
        }
    }

    public var isDone: Bool { state == .done }

    /// Takes a look at the tree, `elapsed` after the start.
    public mutating func look(_ tree: USBTopology, at elapsed: Duration) -> [Event] {
        let present = Set(tree.boards.compactMap(\.portPath))
        defer { background.formIntersection(present) }
        switch state {
        case .done: return []
        case .start:
            background = present
            state = .awaitBoard(candidates: [])
            stepBegan = elapsed
            return [.instruct(SlotSentence(zh: "请把板子插入工位 \(slot)", en: "Plug a board into slot \(slot)"))]
        case .awaitBoard(let before):
            return board(tree, present.subtracting(background), before, elapsed)
        case .awaitRemoval(let path, let address):
            guard !present.contains(path) else { return late(elapsed) }
            enter(.awaitReturn(path, address: address), elapsed)
            background = present
            return [.instruct(SlotSentence(zh: "请再插入同一工位", en: "Plug it into the same slot again"))]
        case .awaitReturn(let path, let address):
            return returned(present.subtracting(background), path, address, elapsed)
        }
    }

    /// A board is taken when two looks after each other show it alone: devices of one board come one by one.
    private mutating func board(
        _ tree: USBTopology, _ new: Set<USBPortPath>, _ before: Set<USBPortPath>, _ elapsed: Duration
    ) -> [Event] {
        state = .awaitBoard(candidates: new)
        guard let path = new.first, new == before else { return late(elapsed) }
        guard new.count == 1 else {
            let places = new.sorted()
            let list = places.map(\.description).joined(separator: ", ")
            return refuse(
                .severalBoards(places), elapsed, zh: "同时出现多块板（\(list)），请只留一块",
                en: "Several boards came at once (\(list)): leave one only")
        }
        if let owner = taken.first(where: { $0.path == path }) {
            return refuse(
                .alreadyMapped(path, slot: owner.slot), elapsed, zh: "USB 口 \(path) 已属于工位 \(owner.slot)，请换一个口",
                en: "USB port \(path) belongs to slot \(owner.slot): use another port")
        }
        switch address(of: tree.ports(at: path), path) {
        case .failure(let refusal):
            return refuse(
                refusal.reason, elapsed, zh: "板子有多个串口，请用 --interface 指定（\(refusal.list)）",
                en: "Choose one of the board's serial ports with --interface: \(refusal.list)")
        case .success(let address):
            enter(.awaitRemoval(path, address: address), elapsed)
            return [
                .instruct(
                    SlotSentence(zh: "已找到 \(address)，请拔出板子确认", en: "Found \(address): take the board out to confirm"))
            ]
        }
    }

    private mutating func returned(
        _ new: Set<USBPortPath>, _ path: USBPortPath, _ address: String, _ elapsed: Duration
    ) -> [Event] {
        if new == [path] {
            state = .done
            return [.mapped(address)]
        }
        guard let other = new.sorted().first(where: { $0 != path }) else { return late(elapsed) }
        return refuse(
            .otherPlace(expected: path, received: other), elapsed, zh: "板子插到了 \(other)，应为 \(path)，请拔出重插",
            en: "The board came at \(other), expected \(path): take it out and plug it into the slot")
    }

    private struct Unclear: Error {
        let reason: Refusal
        let list: String
    }

    private func address(of ports: [USBSerialPort], _ path: USBPortPath) -> Result<String, Unclear> {
        let list = ports.map { "\($0.interface) (\($0.tty))" }.joined(separator: ", ")
        if let interface {
            let chosen = ports.filter { $0.interface == interface }
            guard chosen.count == 1 else {
                return .failure(Unclear(reason: .noSuchInterface(interface), list: list))
            }
            return .success(chosen[0].address(naming: true))
        }
        guard ports.count <= 1 else {
            return .failure(Unclear(reason: .severalPorts(ports.map { $0.address(naming: true) }), list: list))
        }
        return .success("usb:\(path)")
    }

    private mutating func enter(_ next: State, _ elapsed: Duration) {
        state = next
        stepBegan = elapsed
        lastRefusal = nil
    }

    /// Says one refusal once, not at every look.
    private mutating func refuse(_ reason: Refusal, _ elapsed: Duration, zh: String, en: String) -> [Event] {
        let isNew = lastRefusal != reason
        lastRefusal = reason
        return (isNew ? [.refuse(reason, SlotSentence(zh: zh, en: en))] : []) + late(elapsed)
    }

    private mutating func late(_ elapsed: Duration) -> [Event] {
        guard elapsed - stepBegan >= patience else { return [] }
        state = .done
        let seconds = patience.components.seconds
        return [
            .timedOut(
                SlotSentence(
                    zh: "\(seconds) 秒内没有完成，工位 \(slot) 未改",
                    en: "Not done within \(seconds) s: slot \(slot) stays as it was"))
        ]
    }
}
