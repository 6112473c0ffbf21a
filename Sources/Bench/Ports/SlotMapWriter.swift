/// Writes slots' ports into the text of a `station.toml`: only the values of `port` change, every other byte stays.
public struct SlotMapWriter: Sendable {
    /// Why nothing was written.
    public struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        public let description: String
    }

    /// One slot's change.
    public struct Change: Hashable, Sendable {
        public let slot: String
        /// What stood there, as it is written in the file; nil where there was no port.
        public let before: String?
        public let after: String
    }

    /// The changed text.
    public struct Result: Hashable, Sendable {
        public let text: String
        /// In the order of the file; slots whose port was so already are left out.
        public let changes: [Change]
    }

    /// A `[[slots]]` table of the file.
    private struct Table {
        var name: String?
        /// The bytes of the value of `port`.
        var port: Range<Int>?
        /// Where a line `port = …` can go: the start of the line of the name.
        var insertion = 0
    }

    /// Rewrites the ports of the slots named in `ports`.
    ///
    /// The file must have its slots as `[[slots]]` tables; a slot without a port gets one on the line before its name.
    /// Line ends, indentation and comments stay.
    /// - Parameter ports: the new addresses by slot name.
    /// - Throws: ``Refusal`` where a slot is not there or there twice, or the text cannot be taken apart.
    public static func rewrite(_ text: String, ports: [String: String]) throws(Refusal) -> Result {
        let bytes = Array(text.utf8)
        let tables = try slots(bytes)
        var edits: [(range: Range<Int>, text: String)] = []
        var changes: [(place: Int, change: Change)] = []
        for (slot, port) in ports {
            let table = try only(slot, tables)
            let value = try quoted(port)
            guard let range = table.port else {
                let lineEnd = text.utf8.contains(13) ? "\r\n" : "\n"
                edits.append((table.insertion..<table.insertion, "port = \(value)\(lineEnd)"))
                changes.append((table.insertion, Change(slot: slot, before: nil, after: value)))
                continue
            }
            let before = String(decoding: bytes[range], as: UTF8.self)
            guard before != value else { continue }
            edits.append((range, value))
            changes.append((range.lowerBound, Change(slot: slot, before: before, after: value)))
        }
        var result = bytes
        for edit in edits.sorted(by: { $0.range.lowerBound > $1.range.lowerBound }) {
            result.replaceSubrange(edit.range, with: Array(edit.text.utf8))
        }
        return Result(
            text: String(decoding: result, as: UTF8.self),
            changes: changes.sorted { $0.place < $1.place }.map(\.change))
    }

    private static func slots(_ bytes: [UInt8]) throws(Refusal) -> [Table] {
        let statements: [TOMLStatements.Statement]
        do throws(TOMLStatements.Unreadable) {
            statements = try TOMLStatements.read(bytes)
        } catch {
            throw Refusal(description: "line \(error.line) is no TOML that can be changed safely: correct it first")
        }
        var tables: [Table] = []
        var isInSlot = false
        for statement in statements {
            switch statement.kind {
            case .element(["slots"]):
                tables.append(Table())
                isInSlot = true
            case .element, .table: isInSlot = false
            case .pair(let key):
                guard isInSlot, !tables.isEmpty else {
                    guard key.first != "slots" else {
                        throw Refusal(
                            description: "the slots are written as one value, slots = […]: write each as a table "
                                + "[[slots]] first")
                    }
                    continue
                }
                if key == ["name"] {
                    tables[tables.count - 1].name = plain(bytes[statement.value])
                    tables[tables.count - 1].insertion = statement.lineStart
                }
                if key == ["port"] { tables[tables.count - 1].port = statement.value }
            }
        }
        return tables
    }

    private static func only(_ slot: String, _ tables: [Table]) throws(Refusal) -> Table {
        let found = tables.filter { $0.name == slot }
        guard let table = found.first, found.count == 1 else {
            let names = tables.compactMap(\.name).joined(separator: ", ")
            throw Refusal(
                description: found.isEmpty
                    ? "there is no slot \"\(slot)\"; there are: \(names.isEmpty ? "none" : names)"
                    : "there are \(found.count) slots named \"\(slot)\": give each its own name first")
        }
        return table
    }

    /// A name's text; slot names have no characters that would be escaped.
    private static func plain(_ value: ArraySlice<UInt8>) -> String? {
        guard value.count >= 2, let quote = value.first, quote == value.last, quote == 34 || quote == 39 else {
            return nil
        }
        return String(decoding: value.dropFirst().dropLast(), as: UTF8.self)
    }

    /// An address as a TOML string; addresses have no characters that would be escaped.
    private static func quoted(_ address: String) throws(Refusal) -> String {
        guard address.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 34 && $0 != 92 }), !address.isEmpty else {
            throw Refusal(description: "the address has characters that no port's address has")
        }
        return "\"\(address)\""
    }
}
