import Crypto
import Foundation
import Provisioning
import Vault

/// The manifest of an archive as it lies there, before anybody believes it.
struct ManifestReading {
    static let names: Set<String> = [ArchiveManifest.name, ArchiveManifest.signatureName]

    /// Numbers that a record of a journal can have; 0 is the place before the first.
    private static let places: ClosedRange<Int64> = 0...1 << 53
    private let bytes, signature: [UInt8]
    /// nil where it cannot be read as one.
    let manifest: ArchiveManifest?
    /// What is wrong with its form.
    private(set) var findings: [ArchiveFinding] = []

    init(folder: String, listed: Set<String>) {
        func content(_ name: String) -> [UInt8] {
            listed.contains(name) ? FileManager.default.contents(atPath: folder + "/" + name).map(Array.init) ?? [] : []
        }
        (bytes, signature) = (content(ArchiveManifest.name), content(ArchiveManifest.signatureName))
        guard listed.contains(ArchiveManifest.name) else {
            manifest = nil
            findings = [ArchiveFinding(ArchiveManifest.name, expected: "the manifest", received: "no such file")]
            return
        }
        let text = String(decoding: bytes, as: UTF8.self)
        guard let json = try? JSONValue(parsing: text), json["archive"].int == ArchiveManifest.version,
            json["files"].object != nil, json["chain"]["head"]["seq"].int.map(Self.places.contains) == true,
            json["chain"]["from"]["seq"].int.map(Self.places.contains) == true
        else {
            manifest = nil
            findings = [Self.malformed(text)]
            return
        }
        let manifest = ArchiveManifest(json: json)
        self.manifest = manifest
        if Array(manifest.text.utf8) != bytes { findings = [Self.difference(text, manifest.text)] }
    }

    /// Whether the signature beside it is the key's.
    func isSigned(by key: SigningPublicKey) -> Bool { findings.isEmpty && key.verifies(signature, of: bytes) }

    /// The finding for a manifest whose signature does not fit: as near to the changed place as can be told.
    /// - Parameter others: what else is wrong; a manifest that does not agree with its files is the nearest place.
    func unsigned(
        _ key: SigningPublicKey, _ manifest: ArchiveManifest, _ others: [ArchiveFinding]
    ) -> ArchiveFinding {
        if let first = findings.first { return first }
        guard signature.count == 64 else {
            return ArchiveFinding(
                ArchiveManifest.signatureName, expected: "64 bytes", received: "\(signature.count) bytes")
        }
        guard manifest.key == key.hex else {
            return ArchiveFinding(
                ArchiveManifest.name, line: line(startingWith: "  \"key\": "),
                expected: "an archive signed with the key that was given, \(key.hex)",
                received: "one that names key \(manifest.key)")
        }
        if let other = others.first(where: { $0.file == ArchiveManifest.name }) { return other }
        if let other = others.first, let line = manifest.line(of: other.file, in: "files") {
            return ArchiveFinding(
                ArchiveManifest.name, line: line, expected: "a manifest that its signature fits",
                received: "one that was changed; it does not agree with \(other.file)")
        }
        return ArchiveFinding(
            ArchiveManifest.name, expected: "a manifest that manifest.sig fits",
            received: "SHA-256 \(Hex.text(SHA256.hash(data: bytes))), which was not signed with this key; manifest or "
                + "signature was changed")
    }

    private func line(startingWith start: String) -> Int? {
        String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
            .firstIndex { $0.hasPrefix(start) }.map { $0 + 1 }
    }

    /// The first line that is not as this program prints it.
    private static func difference(_ received: String, _ expected: String) -> ArchiveFinding {
        let (left, right) = (lines(expected), lines(received))
        let index = zip(left, right).enumerated().first { $1.0 != $1.1 }?.offset ?? min(left.count, right.count)
        guard index < left.count, index < right.count else {
            return ArchiveFinding(
                ArchiveManifest.name, line: index + 1, expected: "\(left.count) lines", received: "\(right.count)")
        }
        let shown = ArchiveScan.shown(Array(left[index].utf8), Array(right[index].utf8))
        return ArchiveFinding(
            ArchiveManifest.name, line: index + 1, expected: shown.expected, received: shown.received)
    }

    /// The first line that cannot stand in a manifest.
    private static func malformed(_ text: String) -> ArchiveFinding {
        let shapes = ["{", "}", "  },", "  }", "  ],", "  ]"]
        for (index, line) in lines(text).enumerated() where !line.isEmpty && !shapes.contains(String(line)) {
            var rest = line.drop { $0 == " " }
            if rest.last == "," { rest = rest.dropLast() }
            if rest.hasSuffix(": {") || rest.hasSuffix(": [") { rest = rest.dropLast() + "0" }
            let isMember = (try? JSONValue(parsing: "{" + rest + "}")) != nil
            if !isMember, (try? JSONValue(parsing: String(rest))) == nil {
                return ArchiveFinding(
                    ArchiveManifest.name, line: index + 1, expected: "a line of a manifest",
                    received: ArchiveScan.shown(Array(line.utf8)))
            }
        }
        let count = lines(text).count
        return ArchiveFinding(
            ArchiveManifest.name, line: max(1, count),
            expected: "a whole manifest of version \(ArchiveManifest.version)",
            received: "a text of \(count) lines that is none")
    }

    private static func lines(_ text: String) -> [Substring] {
        text.split(separator: "\n", omittingEmptySubsequences: false)
    }
}
