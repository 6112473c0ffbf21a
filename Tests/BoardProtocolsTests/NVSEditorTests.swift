import BoardProtocols
import Testing

@Suite struct NVSEditorTests {
    private static let blank = [UInt8](repeating: 0xFF, count: 0x4000)

    @Test("a blank partition is formatted by the first value")
    func format() throws {
        var editor = try NVSEditor(Self.blank)
        try editor.set(.string("s3cret"), key: "device_secret", in: "cloud")
        #expect(try NVSPartition(parsing: editor.bytes).value("device_secret", in: "cloud") == .string("s3cret"))
        let built = try NVSPartition.build(
            [NVSPartition.Namespace("cloud", [("device_secret", .string("s3cret"))])], size: 0x4000)
        #expect(editor.bytes == built)
    }

    @Test("a new value replaces the old one, whose entry is marked erased; flash bits only go from one to zero")
    func replace() throws {
        var editor = try NVSEditor(Self.blank)
        try editor.set(.string("first"), key: "k", in: "n")
        let before = editor.bytes
        try editor.set(.string("second"), key: "k", in: "n")
        let after = editor.bytes
        #expect(try NVSPartition(parsing: after).entries.map(\.value) == [.string("second")])
        #expect(zip(before, after).allSatisfy { $0 & $1 == $1 })
    }

    @Test("an equal value is not written again")
    func equal() throws {
        var editor = try NVSEditor(Self.blank)
        try editor.set(.u32(7), key: "k", in: "n")
        let before = editor.bytes
        try editor.set(.u32(7), key: "k", in: "n")
        #expect(editor.bytes == before)
    }

    @Test("a removed key is gone and the others stay")
    func remove() throws {
        var editor = try NVSEditor(Self.blank)
        try editor.set(.u8(1), key: "a", in: "n")
        try editor.set(.blob([1, 2, 3]), key: "b", in: "n")
        try editor.remove("b", in: "n")
        try editor.remove("never", in: "n")
        #expect(try NVSPartition(parsing: editor.bytes).entries.map(\.key) == ["a"])
    }

    @Test("hundreds of rewrites turn through the pages and lose nothing", arguments: [1, 2, 3])
    func rewrites(_ seed: Int) throws {
        var editor = try NVSEditor([UInt8](repeating: 0xFF, count: 0x3000))
        try editor.set(.string("keep me"), key: "kept", in: "other")
        var expected: [String: NVSValue] = [:]
        var state = UInt32(seed)
        for _ in 0..<400 {
            state = state &* 1_664_525 &+ 1_013_904_223
            let key = "key\(state >> 24 & 7)"
            let value: NVSValue =
                state & 0x100 == 0
                ? .string(String(repeating: "v", count: Int(state >> 8 & 0xFF)))
                : .blob([UInt8](repeating: UInt8(state >> 16 & 0xFF), count: Int(state >> 9 & 0xFF)))
            try editor.set(value, key: key, in: "hot")
            expected[key] = value
        }
        let partition = try NVSPartition(parsing: editor.bytes)
        #expect(partition.value("kept", in: "other") == .string("keep me"))
        for (key, value) in expected { #expect(partition.value(key, in: "hot") == value) }
        #expect(partition.entries.count == expected.count + 1)
    }

    @Test("what does not fit is refused and what was there stays")
    func full() throws {
        var editor = try NVSEditor([UInt8](repeating: 0xFF, count: 0x3000))
        try editor.set(.blob([UInt8](repeating: 1, count: 3500)), key: "a", in: "n")
        try editor.set(.blob([UInt8](repeating: 2, count: 3500)), key: "b", in: "n")
        #expect(throws: NVSError.full) {
            try editor.set(.blob([UInt8](repeating: 3, count: 3500)), key: "c", in: "n")
        }
        let partition = try NVSPartition(parsing: editor.bytes)
        #expect(partition.value("a", in: "n") == .blob([UInt8](repeating: 1, count: 3500)))
        #expect(partition.value("b", in: "n") == .blob([UInt8](repeating: 2, count: 3500)))
    }
}
