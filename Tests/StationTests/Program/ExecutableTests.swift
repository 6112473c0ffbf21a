import Testing

/// Tests that start the real executable. Each of the suites in here runs one test at a time: a station, its cloud and its
/// boards are at work in each, and more of them at once would starve one another on two cores.
@Suite("the executable")
enum ExecutableTests {
    /// Whole lines: boards through their way, cut off, returned, worked on.
    @Suite("lines", .serialized)
    enum Lines {}

    /// Demos, their faults and secrets, foreign tools beside them.
    @Suite("demos", .serialized)
    enum Demos {}

    /// What is made of records: reports, archives, reconciliations, cards.
    @Suite("records", .serialized)
    enum Records {}
}
