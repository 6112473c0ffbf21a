/// One SMP command with its arguments, before it gets a sequence number. Prints its name, never its arguments: one of
/// them may be a secret.
public struct SMPRequest: Equatable, Sendable, CustomStringConvertible, CustomReflectable {
    /// How it is named in sentences: `image upload`.
    public let name: String
    public let operation: SMPMessage.Operation
    public let group: UInt16
    public let command: UInt8
    public let body: CBOR

    public init(
        _ name: String, _ operation: SMPMessage.Operation, group: UInt16, command: UInt8, _ entries: [CBOR.Entry] = []
    ) {
        (self.name, self.operation, self.group) = (name, operation, group)
        (self.command, self.body) = (command, .map(entries))
    }

    /// The message to send.
    public func message(version: UInt8, sequence: UInt8) -> SMPMessage {
        SMPMessage(
            operation, version: version, group: group, command: command, sequence: sequence, body: body)
    }

    /// True for the answer to this request with this sequence number.
    public func isAnswered(by message: SMPMessage, sequence: UInt8) -> Bool {
        message.operation == operation.answer && message.group == group && message.command == command
            && message.sequence == sequence
    }

    public var description: String { name }
    public var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}
