import Provisioning

extension FuzzTarget {
    /// JSON without floats: records, commands, requests.
    static let json = FuzzTarget(
        "json",
        seeds: [
            #"{"seq":12,"time":"2026-11-25T08:00:00.000Z","kind":"run.concluded","body":{"unit":"u1","n":[1,-2,null,true]}}"#,
            #"["\u0000\ud83d\ude00\"\\\/",9223372036854775807,-9223372036854775808,{},[]]"#, "1", "\"x\"",
        ].map { Array($0.utf8) },
        words: ["\\u0000", "\\ud800", "\\u001f", "null", "true", "1.5", "1e3", "-0", "1E400", "\"a\":", "//", "NaN"]
    ) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        guard let value = try orRefusal({ () throws(JSONValue.ParseError) in try JSONValue(parsing: text) }) else {
            return
        }
        let printed = value.text
        try insist(try JSONValue(parsing: printed), equals: value, "JSON read again")
        try insist(try JSONValue(parsing: printed).text, equals: printed, "JSON printed again")
        try insist(!printed.utf8.contains { $0 < 0x20 || $0 == 0x7F }, "a control character in printed JSON")
    }

    /// Instants.
    static let time = FuzzTarget(
        "time", limit: 64,
        seeds: ["2026-11-25T08:00:00.123Z", "0000-02-29T23:59:59Z", "9999-12-31T23:59:59.9999999Z"].map {
            Array($0.utf8)
        }
    ) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        if let instant = UTCTime.milliseconds(text) {
            try insist(UTCTime.milliseconds(UTCTime.text(instant)), equals: instant, "an instant read again")
            try insist(UTCTime.text(instant).utf8.count, equals: 24, "the length of an instant's text")
        }
        // The cloud's numbers are any.
        let number = Int64(truncatingIfNeeded: bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
        try insist(UTCTime.text(number).hasSuffix("Z"), "an instant's text without Z")
        if let time = TimeOfDay(text) { try insist(time.description, equals: text, "a time of day printed again") }
    }
}
