/// Why the page cannot be served: what is wrong, and what to do.
public struct OperatorError: Error, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
