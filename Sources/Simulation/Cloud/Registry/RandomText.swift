/// Random texts for names, ids and secrets.
enum RandomText {
    static func alphanumeric(_ count: Int) -> String {
        pick(count, from: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
    }

    static func hex(_ count: Int) -> String { pick(count, from: "0123456789abcdef") }

    /// An upper-case UUID, as the platform's request ids are.
    static func requestID() -> String {
        [8, 4, 4, 4, 12].map { pick($0, from: "0123456789ABCDEF") }.joined(separator: "-")
    }

    private static func pick(_ count: Int, from alphabet: String) -> String {
        let characters = Array(alphabet)
        var generator = SystemRandomNumberGenerator()
        return String((0..<count).map { _ in characters[Int.random(in: 0..<characters.count, using: &generator)] })
    }
}
