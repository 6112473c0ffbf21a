/// What is looked at in a TOML text before a parser gets it.
public enum TOMLText {
    /// Where a table's header stands whose name no key can be, such as `[$cloud]`: the parser ends the process at it instead of
    /// refusing it.
    /// - Returns: line and column, from 1; nil where there is none before the text stops being TOML, where the parser stops too.
    public static func brokenHeader(_ text: String) -> (line: Int, column: Int)? {
        let bytes = Array(text.utf8)
        do throws(TOMLStatements.Unreadable) {
            _ = try TOMLStatements.read(bytes)
            return nil
        } catch {
            let lines = bytes.split(separator: 10, maxSplits: error.line, omittingEmptySubsequences: false)
            guard lines.indices.contains(error.line - 1) else { return nil }
            let line = lines[error.line - 1]
            guard let start = line.firstIndex(where: { $0 != 32 && $0 != 9 && $0 != 13 }),
                line[start] == UInt8(ascii: "[")
            else { return nil }
            return (error.line, start - line.startIndex + 1)
        }
    }
}
