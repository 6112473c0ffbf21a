/// One line on a control socket.
public enum BoardCommand: Hashable, Sendable {
    case off, on, loader, run
    /// Asks whether a board is on the slot.
    case isPresent
    /// Puts a board of the plan on the slot.
    case place(Int)
    /// Takes the board off the slot.
    case remove

    /// Reads a line without its end.
    /// - Throws: ``BoardError`` with code `input`.
    public init(parsing line: String) throws(BoardError) {
        let words = line.split(separator: " ").map(String.init)
        switch (words.first, words.count) {
        case ("off", 1): self = .off
        case ("on", 1): self = .on
        case ("loader", 1): self = .loader
        case ("run", 1): self = .run
        case ("present?", 1): self = .isPresent
        case ("remove", 1): self = .remove
        case ("place", 2):
            guard let id = Int(words[1]) else { fallthrough }
            self = .place(id)
        default:
            throw BoardError(.input, "\"\(line)\": expected off, on, loader, run, present?, place ID or remove")
        }
    }
}
