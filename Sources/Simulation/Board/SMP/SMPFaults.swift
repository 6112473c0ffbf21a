/// What a simulated SMP server does wrong.
public struct SMPFaults: Sendable, Equatable {
    /// This many of the next answers carry a CRC that does not fit.
    public var badCRCs = 0
    /// Offsets that the server asks for instead of the next one, one after each piece, and from which it then goes on.
    public var wrongOffsets: [Int] = []
    /// How long the first piece of an image takes to be answered: the erase.
    public var firstAnswer: Duration = .zero
    /// Errors for commands, by group and command, until they are taken out.
    public var refusals: [Command: Int] = [:]
    /// A byte of an uploaded image that is stored with its lowest bit wrong; nil for none.
    public var corruptedByte: Int?
    /// Console text that is printed before each answer.
    public var chatter: [UInt8] = []
    /// This many of the next requests are not answered, though they are carried out.
    public var silences = 0

    /// A command by its numbers.
    public struct Command: Hashable, Sendable {
        public let group: UInt16
        public let command: UInt8
        public init(_ group: UInt16, _ command: UInt8) { (self.group, self.command) = (group, command) }
    }

    public init() {}
}
