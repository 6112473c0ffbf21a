import Foundation
import Reports
import Testing

/// Repeatable random numbers (SplitMix64).
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

@Suite("A batch's archive that somebody has changed")
struct MutationTests {
    typealias Files = [String: [UInt8]]

    enum Change: CaseIterable {
        case flipByte, editLine, deleteLine, repeatLine, swapLines, truncate, append, swapFiles, deleteFile, addFile,
            otherFile, otherManifest
    }

    @Test("500 random changes: each is found, each names its file, and its first line where the file has lines")
    func random() async throws {
        let bed = try await ArchiveBed(units: 24)
        let archive = try await bed.archive()
        let original = try Self.read(archive.folder)
        let other = try Self.read(try await bed.archive().folder)
        let folder = bed.folder + "/changed"
        try Self.write(original, to: folder)
        #expect(try bed.verify(folder).isWhole)
        var random = Seeded(state: 6)
        var (found, lines, exact, manifest) = (0, 0, 0, 0)
        for number in 0..<500 {
            let change = Change.allCases[number % Change.allCases.count]
            let changed = Self.apply(change, original, other, &random)
            try Self.write(changed, to: folder, instead: original)
            let names = Set(original.keys).union(changed.keys).filter { original[$0] != changed[$0] }
            let verdict = try bed.verify(folder)
            try Self.write(original, to: folder, instead: changed)
            guard let first = verdict.findings.first else {
                Issue.record("change \(number), \(change) of \(names) was not found")
                continue
            }
            found += 1
            let signed: Set = ["manifest.json", "manifest.sig"]
            let isNamed = names.contains(first.file) || (!names.isDisjoint(with: signed) && signed.contains(first.file))
            #expect(isNamed, "change \(number), \(change) of \(names): \(first)")
            #expect(!first.description.isEmpty && first.expected != first.received)
            guard names.count == 1, let name = names.first, let before = original[name], let after = changed[name]
            else { continue }
            if signed.contains(name) {
                manifest += 1
            } else if name != "marks.bin" {
                lines += 1
                let line = Self.firstDifference(before, after)
                if first.line == line { exact += 1 }
                #expect(first.line == line, "change \(number), \(change) of \(name): \(first)")
            }
        }
        #expect(found == 500)
        #expect(lines > 200 && manifest > 20)
        print("500 changes: \(found) found; of \(lines) in one file with lines the first line was named in \(exact)")
        #expect(try bed.verify(folder).isWhole)
    }

    // MARK: - Changing

    private static func apply(_ change: Change, _ files: Files, _ other: Files, _ random: inout Seeded) -> Files {
        var changed = files
        repeat {
            changed = files
            let name = files.keys.sorted().randomElement(using: &random) ?? ""
            var bytes = files[name] ?? []
            var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init)
            let line = Int.random(in: 0..<lines.count, using: &random)
            switch change {
            case .flipByte:
                bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= 1 << UInt8.random(in: 0...7, using: &random)
                changed[name] = bytes
            case .editLine:
                guard !lines[line].isEmpty else { continue }
                let place = Int.random(in: 0..<lines[line].count, using: &random)
                lines[line][place] = UInt8.random(in: 48...57, using: &random)
                changed[name] = Array(lines.joined(separator: [0x0A]))
            case .deleteLine:
                lines.remove(at: line)
                changed[name] = Array(lines.joined(separator: [0x0A]))
            case .repeatLine:
                lines.insert(lines[line], at: line)
                changed[name] = Array(lines.joined(separator: [0x0A]))
            case .swapLines:
                lines.swapAt(line, Int.random(in: 0..<lines.count, using: &random))
                changed[name] = Array(lines.joined(separator: [0x0A]))
            case .truncate: changed[name] = Array(bytes.prefix(Int.random(in: 0..<bytes.count, using: &random)))
            case .append: changed[name] = bytes + Array("x\n".utf8)
            case .swapFiles:
                let second = files.keys.sorted().randomElement(using: &random) ?? ""
                (changed[name], changed[second]) = (files[second], files[name])
            case .deleteFile: changed[name] = nil
            case .addFile: changed["logs/\(name.replacing("/", with: "-")).bak"] = bytes
            case .otherFile: changed[name] = other[name]
            case .otherManifest:
                for name in ["manifest.json", "manifest.sig"] { changed[name] = other[name] }
            }
        } while changed == files
        return changed
    }

    private static func firstDifference(_ before: [UInt8], _ after: [UInt8]) -> Int {
        func lines(_ bytes: [UInt8]) -> [[UInt8]] {
            var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { Array($0) + [0x0A] }
            let last = lines.removeLast().dropLast()
            return last.isEmpty ? lines : lines + [Array(last)]
        }
        let (left, right) = (lines(before), lines(after))
        return 1 + (zip(left, right).enumerated().first { $1.0 != $1.1 }?.offset ?? min(left.count, right.count))
    }

    // MARK: - Files

    private static func read(_ folder: String) throws -> Files {
        var files: Files = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder) {
            if let data = FileManager.default.contents(atPath: folder + "/" + path),
                !path.hasSuffix("logs")
            {
                files[path] = Array(data)
            }
        }
        return files
    }

    private static func write(_ files: Files, to folder: String, instead old: Files = [:]) throws {
        try FileManager.default.createDirectory(atPath: folder + "/logs", withIntermediateDirectories: true)
        for name in old.keys where files[name] == nil {
            try FileManager.default.removeItem(atPath: folder + "/" + name)
        }
        for (name, bytes) in files where old[name] != bytes {
            try Data(bytes).write(to: URL(fileURLWithPath: folder + "/" + name))
        }
    }
}
