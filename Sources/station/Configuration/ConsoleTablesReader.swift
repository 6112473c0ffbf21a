import Provisioning

/// Reads what a profile says about the board's console: `[console]`, `[relay]`, `[network]` and `[[ship]]`.
enum ConsoleTablesReader {
    static func readConsole(_ table: TableReader) -> BoardProfile.Console? {
        let baud = table.integer("baud", in: 9600...4_000_000, default: 115200, unit: "bits per second")
        let ready = table.pattern(
            "ready", expected: "a regular expression for the line that says the firmware is up")
        let version = table.pattern(
            "version", expected: "a regular expression with one capture group", isOptional: true, captures: 1)
        let identity = table.pattern(
            "identity", expected: "a regular expression with one capture group", isOptional: true, captures: 1)
        let errors = table.tables("errors", count: 0...64).compactMap { entry -> BoardProfile.ErrorLine? in
            let pattern = entry.pattern("pattern", expected: "a regular expression")
            let code = entry.string("code", expected: "a failure code of the boot or activate step, such as BT-102") {
                $0.hasPrefix("BT-") || $0.hasPrefix("AC-") ? FailureCode(known: $0) : nil
            }
            entry.finish()
            guard let pattern, let code else { return nil }
            return BoardProfile.ErrorLine(pattern: pattern, code: code)
        }
        table.finish()
        guard let baud, let ready else { return nil }
        return BoardProfile.Console(baud: baud, ready: ready, version: version, identity: identity, errors: errors)
    }

    /// The table `[relay]`, which a board with a network of its own need not have.
    static func readRelay(_ root: TableReader) -> BoardProfile.Relay? {
        let table = root.table("relay")
        guard root.has("relay") else { return nil }
        let handOver = table.line("hand_over", "{device_secret}")
        let pair = table.line("hand_over_pair", "{client_id}", "{device_token}")
        let stored = table.pattern("stored", expected: "a regular expression")
        let prove = table.line("prove", "{nonce}")
        let proof = table.pattern(
            "proof", expected: "a regular expression with one group for the 64 digits", captures: 1)
        let answer = table.integer("answer_seconds", in: 1...60, default: 5, unit: "seconds")
        table.finish()
        guard let handOver, let pair, let stored, let prove, let proof, let answer else { return nil }
        return BoardProfile.Relay(
            handOver: handOver, handOverPair: pair, stored: stored, prove: prove, proof: proof,
            answer: .seconds(answer))
    }

    /// The table `[network]`: absent where the board needs nothing from the line.
    static func readNetwork(_ root: TableReader) -> BoardProfile.LineNetwork? {
        let table = root.table("network")
        guard root.has("network") else { return nil }
        let prepare = table.has("prepare") ? table.line("prepare") : nil
        table.allow("prepare")
        let prepared = table.pattern("prepared", expected: "a regular expression", isOptional: prepare == nil)
        let join = table.line("join", "{ssid}", "{password}")
        let joined = table.pattern("joined", expected: "a regular expression")
        let refused = table.pattern("refused", expected: "a regular expression", isOptional: true)
        let limit = table.integer("join_seconds", in: 1...120, default: 20, unit: "seconds")
        let wipe = table.line("wipe")
        let wiped = table.pattern("wiped", expected: "a regular expression")
        let prove = table.line("prove")
        let proof = table.pattern("proof", expected: "a regular expression")
        table.finish()
        guard let join, let joined, let limit, let wipe, let wiped, let prove, let proof else { return nil }
        return BoardProfile.LineNetwork(
            prepare: prepare, prepared: prepared ?? joined, join: join, joined: joined, refused: refused,
            joinLimit: .seconds(limit), wipe: wipe, wiped: wiped,
            prove: prove, proof: proof)
    }

    /// The tables `[[ship]]`.
    static func readShipChecks(_ root: TableReader) -> [BoardProfile.ShipCheck] {
        var names: Set<String> = []
        return root.tables("ship", count: 0...16).compactMap { table in
            let name = table.string("name", expected: "1 to 32 of A-Z a-z 0-9 - _, another one for each check") {
                names.insert($0).inserted ? StationConfiguration.name($0, extra: "-_", longest: 32) : nil
            }
            let ask = table.line("ask")
            let answer = table.pattern("answer", expected: "a regular expression with one capture group", captures: 1)
            let value = table.text("value", expected: "what the answer must be")
            table.finish()
            guard let name, let ask, let answer, let value else { return nil }
            return BoardProfile.ShipCheck(name: name, ask: ask, answer: answer, value: value)
        }
    }
}

extension TableReader {
    /// Takes a regular expression that is searched for in one line.
    /// - Parameter captures: how many groups it must have; nil = any number.
    func pattern(
        _ key: String, expected: String, isOptional: Bool = false, captures: Int? = nil
    ) -> ConsolePattern? {
        string(key, expected: expected, isOptional: isOptional) { text in
            guard let pattern = try? ConsolePattern(text), captures.map({ $0 == pattern.captureCount }) ?? true else {
                return nil
            }
            return pattern
        }
    }

    /// Takes one line for the board's console, in which `marks` must stand.
    func line(_ key: String, _ marks: String...) -> String? {
        let expected =
            "one line of 1 to 200 characters" + (marks.isEmpty ? "" : " with \(marks.joined(separator: " and "))")
        return string(key, expected: expected) { text in
            let isLine = (1...200).contains(text.count) && !text.contains(where: \.isNewline)
            return isLine && marks.allSatisfy(text.contains) ? text : nil
        }
    }

    /// Takes a list of strings, none of them empty.
    func words(_ key: String, isOptional: Bool) -> [String]? {
        let expected = "a list of strings"
        guard let value = any(key, expected: expected, isOptional: isOptional) else { return nil }
        guard case .array(let elements) = value, !elements.isEmpty else {
            noteType(key, value, expected: expected)
            return nil
        }
        let words = elements.compactMap { element -> String? in
            if case .string(let text) = element, !text.isEmpty { text } else { nil }
        }
        guard words.count == elements.count else {
            log.note(path(of: key), value.text, "expected \(expected), none of them empty")
            return nil
        }
        return words
    }

    /// Marks a key as known that was looked at by ``has(_:)`` alone.
    func allow(_ key: String) { if !has(key) { _ = any(key, expected: "", isOptional: true) } }
}
