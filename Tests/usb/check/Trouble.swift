/// What kept a check from being made, as opposed to a check that failed.
struct Trouble: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
