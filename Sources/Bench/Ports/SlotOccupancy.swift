/// What is wrong with where boards are plugged in, told from the slots' addresses and looks at the USB tree.
///
/// Slots with other addresses than `usb:…` are passed over.
public struct SlotOccupancy: Sendable {
    /// One thing that is wrong.
    public enum Finding: Hashable, Sendable {
        /// A hub is plugged in at the slot's port, with several boards on it.
        case severalBoards(slot: String, boards: [USBPortPath])
        /// A hub is plugged in at the slot's port, with one board on it: the slot's address does not reach it.
        case extraHub(slot: String, board: USBPortPath)
        /// A board is where no slot is.
        case unmapped(USBPortPath, model: String)
        /// The board of a run went from its slot's port to another; `toSlot` where that is a slot's.
        case moved(slot: String, to: USBPortPath, toSlot: String?)

        /// How the failure catalogue may call it: `severalBoards`, `extraHub`, `unmappedBoard`, `boardMoved`.
        public var candidateCode: String {
            switch self {
            case .severalBoards: "severalBoards"
            case .extraHub: "extraHub"
            case .unmapped: "unmappedBoard"
            case .moved: "boardMoved"
            }
        }

        /// The slot concerned; nil for a board that is on none.
        public var slot: String? {
            switch self {
            case .severalBoards(let slot, _), .extraHub(let slot, _), .moved(let slot, _, _): slot
            case .unmapped: nil
            }
        }

        public var sentence: SlotSentence {
            switch self {
            case .severalBoards(let slot, let boards):
                let list = boards.map(\.description).joined(separator: ", ")
                return SlotSentence(
                    zh: "工位 \(slot) 上有 \(boards.count) 块板（\(list)），请只留一块并去掉集线器",
                    en: "Slot \(slot) has \(boards.count) boards (\(list)): remove the extra hub and leave one board")
            case .extraHub(let slot, let board):
                return SlotSentence(
                    zh: "工位 \(slot) 与板子之间多了一个集线器（\(board)），请去掉",
                    en: "An extra hub is between slot \(slot) and its board (\(board)): remove it")
            case .unmapped(let path, let model):
                return SlotSentence(
                    zh: "USB 口 \(path) 上的板子（\(model)）不在任何工位，请放到工位上",
                    en: "The board at USB port \(path) (\(model)) is on no slot: place it on one, or map the slot")
            case .moved(let slot, let path, let other):
                let place = other.map { " (slot \($0))" } ?? ""
                return SlotSentence(
                    zh: "工位 \(slot) 的板子在运行中被移到 USB 口 \(path)\(other.map { "（工位 \($0)）" } ?? "")，请放回后重新开始",
                    en:
                        "The board of slot \(slot) was moved during its run to USB port \(path)\(place): put it back and start again"
                )
            }
        }
    }

    private let places: [(slot: String, path: USBPortPath)]
    private let ignored: Set<USBPortPath>

    /// - Parameters:
    ///   - slots: addresses by slot name.
    ///   - ignored: places of scanners, printers and other serial devices that are no boards; what is below them is
    ///     passed over, too.
    public init(slots: [String: String], ignored: Set<USBPortPath> = []) {
        places = slots.sorted { $0.key < $1.key }.compactMap { name, address in
            SlotPlace(address).map { (name, $0.path) }
        }
        self.ignored = ignored
    }

    /// What is wrong at one moment, slots first.
    public func findings(in tree: USBTopology) -> [Finding] {
        let boards = tree.boards.compactMap { device in device.portPath.map { (path: $0, model: device.model) } }
        var found: [Finding] = []
        var explained: Set<USBPortPath> = []
        for (slot, path) in places {
            let below = boards.map(\.path).filter { $0.isBelow(path) }
            // A port of a hub that is itself a slot's place cannot be another slot's, so all below is meant for this one.
            let own = below.filter { board in !places.contains { $0.path == board } }
            explained.formUnion(below)
            explained.insert(path)
            if own.count > 1 {
                found.append(.severalBoards(slot: slot, boards: own.sorted()))
            } else if let board = own.first {
                found.append(.extraHub(slot: slot, board: board))
            }
        }
        for board in boards.sorted(by: { $0.path < $1.path })
        where !explained.contains(board.path) && !isIgnored(board.path) {
            found.append(.unmapped(board.path, model: board.model))
        }
        return found
    }

    /// Boards that left the port of a slot with an open run and came at another since `before`.
    ///
    /// A board is followed by model and serial text, which many boards share; so it only counts as moved if exactly one
    /// such device is new. Without a finding the board is simply gone. The identity must be read again in any case.
    /// - Parameter running: names of the slots with an open run.
    public func moves(from before: USBTopology, to now: USBTopology, running: Set<String>) -> [Finding] {
        let earlier = Set(before.devices.compactMap(\.portPath))
        return places.compactMap { slot, path in
            guard running.contains(slot), let board = before.device(at: path), !board.isHub,
                now.device(at: path) == nil
            else { return nil }
            let new = now.boards.filter { device in
                guard let place = device.portPath, !earlier.contains(place) else { return false }
                return device.model == board.model && device.serial == board.serial
            }
            guard new.count == 1, let place = new[0].portPath else { return nil }
            return .moved(slot: slot, to: place, toSlot: places.first { $0.path == place }?.slot)
        }
    }

    private func isIgnored(_ path: USBPortPath) -> Bool {
        ignored.contains { path == $0 || path.isBelow($0) }
    }
}
