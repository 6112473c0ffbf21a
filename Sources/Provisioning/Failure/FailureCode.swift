/// A failure code: `<family>-<number>`, the same on the screen, in the journal and in every report.
public struct FailureCode: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Family (ID, CL, RG, FL, VF, BT, AC, ST) and number, such as `FL-102`.
    public let text: String

    init(_ text: String) { self.text = text }

    /// A code of the catalogue; nil when the catalogue does not know it.
    public init?(known text: String) {
        guard FailureCatalogue.entries[text] != nil else { return nil }
        self.text = text
    }

    public var description: String { text }
    public static func < (left: FailureCode, right: FailureCode) -> Bool { left.text < right.text }

    /// What the code means and what to do.
    public var entry: FailureEntry { FailureCatalogue.entries[text] ?? FailureCatalogue.unknown }
}

/// What one failure code says to people, and how the station treats it.
public struct FailureEntry: Sendable {
    /// How the station goes on after the failure.
    public enum Treatment: String, Sendable {
        /// The board may run again as it is.
        case retryable
        /// Another run will end the same way: the board goes to repair.
        case permanent
        /// The unit, the slot or the order waits until the cause is gone or a named person decides.
        case hold
    }

    /// One language's three sentences.
    public struct Wording: Sendable {
        /// What happened.
        public let happened: String
        /// What the operator does now.
        public let action: String
        /// Who else is needed; empty when nobody is.
        public let help: String
    }

    public let code: String
    public let treatment: Treatment
    public let zh: Wording
    public let en: Wording
}

/// A failure as it stands in a run: its code and what was seen, with expected and received values.
public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    public let code: FailureCode
    /// What was seen, for the journal and the engineer; never a secret.
    public let detail: String

    public init(_ code: FailureCode, _ detail: String) {
        (self.code, self.detail) = (code, detail)
    }

    public var description: String { "\(code): \(detail)" }

    /// The outcome a run gets that ends with this failure.
    public var outcome: Outcome {
        if code == .slotStopping || code == .alreadyPassed { return .aborted }
        if code == .interrupted { return .interrupted }
        return code.entry.treatment == .hold ? .held : .fail
    }
}
