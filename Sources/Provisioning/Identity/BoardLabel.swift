/// What a board's label says, against what was read from the board.
public struct BoardLabel: Sendable {
    /// Finds the board's name in what the scanner read, in its first group; nil = the whole text is the name.
    public let pattern: ConsolePattern?

    public init(pattern: ConsolePattern? = nil) { self.pattern = pattern }

    /// What may be the name in a scanned text: what the pattern captures, else as ``LabelText`` takes the text apart.
    private func names(in text: String) -> [String] {
        guard let pattern else { return LabelText(text).candidates }
        return pattern.capture(in: text).map { [$0] } ?? []
    }

    /// Whether the scanned text names the board: its identity, however it is grouped, or its DeviceName.
    public func names(_ text: String, identity: Identity, deviceName: String?) -> Bool {
        names(in: text).contains { name in
            name == deviceName || (try? Identity(kind: identity.kind, value: name)) == identity
        }
    }
}
