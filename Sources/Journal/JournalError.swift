/// Why the journal refused: what happened, both values, what to do next.
public struct JournalError: Error, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// The folder cannot be used: missing, not writable, or made by a newer station.
        case folder
        /// Another process owns the data folder.
        case locked
        /// SQLite would not promise that an acknowledged commit survives a power loss.
        case notDurable
        /// What was named is not there: an order, a release, a run.
        case notFound
        /// It is there already, or in a state that does not allow this.
        case conflict
        /// SQLite could not write or read: the disk is full, failing or gone. The station must stop.
        case storage
        /// The chain does not verify.
        case broken
    }

    public let code: Code
    public let description: String
    /// The same in Chinese, for the page; nil = it is told in English.
    public let zh: String?

    public init(_ code: Code, _ description: String, zh: String? = nil) {
        (self.code, self.description, self.zh) = (code, description, zh)
    }
}
