/// What went wrong around a test rather than in what it tests.
struct TestTrouble: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Looks again and again until there is something to see: the one place where tests wait.
/// - Parameter look: what is waited for; nil while it is not there yet.
/// - Throws: ``TestTrouble`` when nothing came within `limit`; what `look` throws.
@discardableResult
func eventually<Value>(
    _ what: String, within limit: Duration = .seconds(90), isolation: isolated (any Actor)? = #isolation,
    _ look: () async throws -> Value?
) async throws -> Value {
    let deadline = ContinuousClock.now + limit
    // Most looks start a program: often at first, then less often, or looking would be most of what the tests do.
    var pause = Duration.milliseconds(50)
    while true {
        if let found = try await look() { return found }
        guard ContinuousClock.now < deadline else { throw TestTrouble("\(what) did not come within \(limit)") }
        try await Task.sleep(for: pause)
        pause = min(pause * 5 / 4, .milliseconds(250))
    }
}
