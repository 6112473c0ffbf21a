import Provisioning

/// The kind of a record out of its text, without reading the rest. Records print their keys in order, so that the last
/// `"kind"` is the record's own; text within strings has its quotes escaped.
enum RecordFields {
    private static let mark = Array(#","kind":""#.utf8)

    static func kind(_ record: [UInt8]) -> String? {
        guard record.count > mark.count else { return nil }
        var place = record.count - mark.count
        while place >= 0 {
            if record[place] == mark[0], record[place..<place + mark.count].elementsEqual(mark) {
                let rest = record[(place + mark.count)...]
                guard let end = rest.firstIndex(of: UInt8(ascii: "\"")) else { return nil }
                return String(decoding: rest[..<end], as: UTF8.self)
            }
            place -= 1
        }
        return nil
    }

    static func parse(_ record: [UInt8]) throws -> JSONValue {
        try JSONValue(parsing: String(decoding: record, as: UTF8.self))
    }
}
