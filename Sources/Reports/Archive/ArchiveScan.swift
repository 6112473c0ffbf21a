import Crypto
import Foundation

/// The marks of an archive's lines as `marks.bin` has them, by file.
struct ArchiveMarks {
    private let bytes: Data
    private let places: [String: (first: Int, lines: Int)]

    /// - Parameter files: as the manifest names them.
    init(_ folder: String, files: [String: ArchiveFile]) {
        bytes =
            (try? Data(contentsOf: URL(fileURLWithPath: folder + "/" + ArchiveFile.marksName), options: .alwaysMapped))
            ?? Data()
        var (places, next): ([String: (first: Int, lines: Int)], Int) = ([:], 0)
        for name in files.keys.sorted() where name != ArchiveFile.marksName {
            let lines = Int(files[name]?.lines ?? 0)
            places[name] = (next, lines)
            next += lines
        }
        self.places = places
    }

    /// Lines that a file should have.
    func lines(of name: String) -> Int { places[name]?.lines ?? 0 }

    /// The mark that a line, from 0, should have; nil beyond the end.
    func mark(of name: String, line: Int) -> [UInt8]? {
        guard let place = places[name], line < place.lines else { return nil }
        let start = (place.first + line) * ArchiveFile.markSize
        guard start + ArchiveFile.markSize <= bytes.count else { return nil }
        return Array(bytes[(bytes.startIndex + start)..<(bytes.startIndex + start + ArchiveFile.markSize)])
    }
}

/// What reading one file of an archive found.
struct ArchiveScan {
    private(set) var file = ArchiveFile(sha256: "", size: 0, lines: 0)
    /// The first line that its mark does not fit.
    private(set) var bad: ArchiveFinding?

    /// Reads the file once.
    /// - Parameter body: given every line, with its end, from 1.
    init(
        _ folder: String, _ name: String, _ marks: ArchiveMarks,
        _ body: (_ number: Int, _ line: ArraySlice<UInt8>) throws -> Void = { _, _ in }
    ) throws {
        var lines = try ByteLines(folder + "/" + name)
        var (hash, size, count) = (SHA256(), Int64(0), 0)
        // The mark of the first line that does not fit waits for the next one, which tells what has happened to it.
        var odd: (line: Int, mark: [UInt8], text: String)?
        while let line = try lines.next() {
            line.withUnsafeBytes { hash.update(bufferPointer: $0) }
            size += Int64(line.count)
            if name != ArchiveFile.marksName, bad == nil {
                let mark = ArchiveFile.mark(line)
                if let first = odd {
                    bad = Self.finding(name, first, next: mark, marks)
                } else if mark != marks.mark(of: name, line: count) {
                    odd = (count, mark, Self.shown(line))
                }
            }
            count += 1
            try body(count, line)
        }
        if name != ArchiveFile.marksName, bad == nil {
            if let odd {
                bad = Self.finding(name, odd, next: nil, marks)
            } else if count < marks.lines(of: name) {
                bad = ArchiveFinding(
                    name, line: count + 1, expected: "\(marks.lines(of: name)) lines",
                    received: "the end of the file after \(count)")
            }
        }
        file = ArchiveFile(
            sha256: Hex.text(hash.finalize()), size: size, lines: name == ArchiveFile.marksName ? 0 : Int64(count))
    }

    private static func finding(
        _ name: String, _ odd: (line: Int, mark: [UInt8], text: String), next: [UInt8]?, _ marks: ArchiveMarks
    ) -> ArchiveFinding {
        let (own, after) = (marks.mark(of: name, line: odd.line), marks.mark(of: name, line: odd.line + 1))
        guard let own else {
            return ArchiveFinding(
                name, line: odd.line + 1, expected: "the end of the file after \(marks.lines(of: name)) lines",
                received: "one line more: \(odd.text)")
        }
        let expected = "a line with mark \(Hex.text(own))"
        let received =
            switch (odd.mark == after, next == own) {
            case (true, true): "the line that belongs after it: the two are exchanged"
            case (true, false): "the line that belongs after it: a line is missing"
            case (false, true): "a line that was inserted: \(odd.text)"
            case (false, false): "a line that was changed: \(odd.text)"
            }
        return ArchiveFinding(name, line: odd.line + 1, expected: expected, received: received)
    }

    /// The beginning of a line, for people.
    static func shown(_ line: some Collection<UInt8>, from place: Int = 0) -> String {
        let part = line.dropFirst(place)
        let text = String(decoding: part.prefix(80), as: UTF8.self).filter { !$0.isNewline }
        return "\"\(place > 0 ? "…" : "")\(text)\(part.count > 80 ? "…" : "")\""
    }

    /// Two lines where they differ, for people: the byte, from 1, and a part of each around it.
    static func shown(_ expected: [UInt8], _ received: [UInt8]) -> (expected: String, received: String) {
        let byte = zip(expected, received).enumerated().first { $1.0 != $1.1 }?.offset
        let place = byte ?? min(expected.count, received.count)
        let start = place > 60 ? place - 20 : 0
        return (
            shown(expected, from: start) + (byte == nil ? " and \(expected.count) bytes" : ""),
            shown(received, from: start) + (byte == nil ? " and \(received.count) bytes" : " (from byte \(place + 1))")
        )
    }
}
