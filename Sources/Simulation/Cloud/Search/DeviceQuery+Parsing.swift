extension DeviceQuery {
    /// Reads a statement.
    /// - Throws: `iot.common.InvalidFormattedParameter` for one that cannot be read or is over a limit; the
    ///   documentation names no code of its own for that.
    init(_ statement: String) throws(BusinessError) {
        guard statement.count <= Self.maximumLength, let tokens = StatementTokens(statement),
            let query = Self.read(tokens)
        else { throw .badParameter("SQL") }
        self = query
    }

    private static func read(_ statement: StatementTokens) -> DeviceQuery? {
        var tokens = statement
        var query = DeviceQuery()
        guard tokens.take(word: "SELECT"), let output = output(&tokens), tokens.take(word: "FROM"),
            tokens.take(word: "device"), tokens.take(word: "WHERE"), let first = condition(&tokens)
        else { return nil }
        query.output = output
        query.alternatives = [[first]]
        while true {
            if tokens.take(word: "OR") {
                query.alternatives.append([])
            } else if !tokens.take(word: "AND") {
                break
            }
            guard let next = condition(&tokens) else { return nil }
            query.alternatives[query.alternatives.count - 1].append(next)
        }
        guard query.alternatives.joined().count <= maximumConditions else { return nil }
        if tokens.take(word: "ORDER") {
            guard tokens.take(word: "BY"), let field = tokens.field(), field.isTime else { return nil }
            let isDescending = tokens.take(word: "DESC")
            if !isDescending { _ = tokens.take(word: "ASC") }
            query.order = Order(field: field, isDescending: isDescending)
        }
        if tokens.take(word: "LIMIT") {
            guard let first = tokens.number() else { return nil }
            if tokens.take(mark: ",") {
                guard let second = tokens.number() else { return nil }
                (query.offset, query.limit) = (first, second)
            } else {
                query.limit = first
            }
        }
        guard tokens.isAtEnd, (1...maximumLimit).contains(query.limit),
            (0...maximumDepth).contains(query.offset), query.offset + query.limit <= maximumDepth
        else { return nil }
        return query
    }

    private static func output(_ tokens: inout StatementTokens) -> Output? {
        if tokens.take(mark: "*") { return .all }
        if tokens.take(word: "count") {
            return tokens.take(mark: "(") && tokens.take(mark: "*") && tokens.take(mark: ")") ? .count : nil
        }
        var fields: [Field] = []
        repeat {
            guard let field = tokens.field() else { return nil }
            fields.append(field)
        } while tokens.take(mark: ",")
        return .fields(fields)
    }

    private static func condition(_ tokens: inout StatementTokens) -> Condition? {
        guard let field = tokens.field() else { return nil }
        if tokens.take(word: "LIKE") {
            // A beginning of four characters and more before one per cent sign at the end.
            guard !field.isTime, let text = tokens.text(), text.last == "%" else { return nil }
            let beginning = text.dropLast()
            guard beginning.count >= shortestBeginning, !beginning.contains("%") else { return nil }
            return Condition(field: field, comparison: .beginning, text: String(beginning))
        }
        let marks: [(String, Comparison)] = [("=", .equal), ("!=", .notEqual), (">", .above), ("<", .below)]
        for (mark, comparison) in marks where tokens.take(mark: mark) {
            let isBySize = comparison == .above || comparison == .below
            guard let text = tokens.text(), field.isTime || !isBySize, !field.isTime || isTime(text) else { return nil }
            return Condition(field: field, comparison: comparison, text: text)
        }
        return nil
    }

    /// Whether `text` is written as `yyyy-MM-dd HH:mm:ss.SSS`. Times of this form are in order as texts are.
    private static func isTime(_ text: String) -> Bool {
        text.utf8.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) ? UInt8(ascii: "0") : $0 }
            .elementsEqual("0000-00-00 00:00:00.000".utf8)
    }
}
