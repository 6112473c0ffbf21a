import Locking

/// The boards of a fixture that can be placed, and where each one is: a board is on one slot at most.
final class FixtureTray: Sendable {
    /// A board as it lies in the tray.
    struct Entry: Sendable {
        let family: SimulatedFamily
        let identity: BoardIdentity
        let flash: String
        let faults: [BoardFault]
        let pace: BoardPace
        let firmware: FirmwareOptions

        func configuration(link: String, usb: String?) -> BoardConfiguration {
            BoardConfiguration(
                family: family, identity: identity, port: .terminal(link: link), usbPath: usb, flashFile: flash,
                startsInLoader: true,
                faults: faults,
                pace: pace, firmware: firmware)
        }
    }

    private let entries: [Int: Entry]
    private let places = Locked<[Int: String]>([:])

    init(_ entries: [Int: Entry]) { self.entries = entries }

    /// Takes a board for `slot`.
    /// - Throws: ``BoardError`` `input` for an id the plan does not have, `state` for a board that is placed already.
    func take(_ id: Int, for slot: String) throws(BoardError) -> Entry {
        guard let entry = entries[id] else {
            throw BoardError(.input, "board \(id) is not in the plan, which has \(entries.count) boards")
        }
        let taken = places.withLock { places in
            let other = places[id]
            if other == nil { places[id] = slot }
            return other
        }
        if let taken { throw BoardError(.state, "board \(id) is on slot \(taken); remove it there first") }
        return entry
    }

    /// Puts a board back.
    func putBack(_ id: Int) { places.withLock { $0[id] = nil } }
}
