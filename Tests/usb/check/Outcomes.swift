extension Result {
    var isSuccess: Bool { if case .success = self { true } else { false } }

    /// Whether it failed for a reason that says `part`.
    func isRefusal(saying part: String) -> Bool {
        if case .failure(let error) = self { "\(error)".contains(part) } else { false }
    }
}
