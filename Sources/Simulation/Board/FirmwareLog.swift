/// Console lines in ESP-IDF's form, `I (TIME) TAG: TEXT`, the time in milliseconds since power-on.
struct FirmwareLog: Sendable {
    /// How much a line matters, by the letter it starts with.
    enum Level: String, Sendable { case error = "E", warning = "W", info = "I" }

    private let print: @Sendable (String) async -> Void
    private let start = ContinuousClock.now

    /// - Parameter print: prints one console line.
    init(_ print: @escaping @Sendable (String) async -> Void) { self.print = print }

    /// The ROM, the bootloader and the start of the application take the first 340.
    var milliseconds: Int {
        let passed = start.duration(to: .now).components
        return 340 + Int(passed.seconds) * 1000 + Int(passed.attoseconds / 1_000_000_000_000_000)
    }

    func line(_ level: Level, _ tag: String, _ text: String) async {
        await print("\(level.rawValue) (\(milliseconds)) \(tag): \(text)")
    }

    func info(_ tag: String, _ text: String) async { await line(.info, tag, text) }
    func warning(_ tag: String, _ text: String) async { await line(.warning, tag, text) }
    func error(_ tag: String, _ text: String) async { await line(.error, tag, text) }
}
