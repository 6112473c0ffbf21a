import Foundation

extension JSONValue {
    /// Why a text is not JSON without floats.
    public struct ParseError: Error, Sendable, CustomStringConvertible {
        public let description: String
    }

    /// Reads one JSON value; numbers must be whole and fit 64 bits.
    /// - Throws: ``ParseError``.
    public init(parsing text: String) throws(ParseError) {
        let parsed: Any
        do {
            parsed = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
        } catch {
            throw ParseError(description: "expected JSON, received \"\(text.prefix(80))\"")
        }
        try self.init(foundation: parsed)
    }

    private init(foundation value: Any) throws(ParseError) {
        switch value {
        case is NSNull: self = .null
        case let text as String: self = .string(text)
        case let number as NSNumber:
            if Self.isBoolean(number) {
                self = .bool(number.boolValue)
            } else if let whole = Int64(exactly: number) {
                self = .int(whole)
            } else {
                throw ParseError(description: "number \(number) is not whole")
            }
        case let values as [Any]:
            var list: [JSONValue] = []
            for value in values { list.append(try JSONValue(foundation: value)) }
            self = .array(list)
        case let members as [String: Any]:
            var object: [String: JSONValue] = [:]
            for (key, value) in members { object[key] = try JSONValue(foundation: value) }
            self = .object(object)
        default: throw ParseError(description: "unexpected value \(type(of: value))")
        }
    }

    /// Foundation keeps JSON booleans as numbers whose C type is `c`.
    private static func isBoolean(_ number: NSNumber) -> Bool { String(cString: number.objCType) == "c" }
}
