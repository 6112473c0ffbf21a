import Bench

extension Result {
    var isSuccess: Bool { if case .success = self { true } else { false } }

    /// How it ended, for a line of the ledger.
    var text: String {
        switch self {
        case .success: "no error"
        case .failure(let error): "\(error)"
        }
    }

    /// Whether it failed for a reason that says `part`.
    func isRefusal(saying part: String) -> Bool {
        if case .failure(let error) = self { "\(error)".contains(part) } else { false }
    }
}

extension Result where Failure == LoaderError {
    /// Why it failed; nil where it did not.
    var kind: LoaderError.Kind? {
        if case .failure(let error) = self { error.kind } else { nil }
    }

    /// The address that the failure names.
    var address: UInt32? {
        if case .failure(let error) = self { error.address } else { nil }
    }
}
