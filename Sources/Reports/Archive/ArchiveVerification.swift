import Foundation
import Journal
import Provisioning
public import Vault

/// Whether an archive is what was signed, found out from its folder and the public key alone: no journal, no cloud, no
/// station. Reads every file once as a stream; facts are put in order in a temporary file.
///
/// ```
///  manifest.sig ─► manifest.json ─► SHA-256 of every file ─► chain of records.jsonl up to the head
///                                                        └─► facts ─► figures = report.json, rows = units.csv
/// ```
public struct ArchiveVerification: Sendable {
    /// What is wrong, the manifest first, then the records, then the other files by name; empty where nothing is.
    public let findings: [ArchiveFinding]
    /// nil where it cannot be read.
    public let manifest: ArchiveManifest?
    /// Records on the chain, and those of them whose text is there.
    public let records, whole: Int64

    public var isWhole: Bool { findings.isEmpty }

    /// Kinds of records that tell what order and station were set to.
    static let configuration: Set<String> = [
        "order.created", "order.changed", "order.amended", "first-article", "station.configured", "release.added",
    ]

    /// Verifies the archive in `folder`. Synchronous: reads files.
    /// - Throws: ``ArchiveError`` when the folder cannot be read at all; everything else is a finding.
    public static func verify(_ folder: String, key: SigningPublicKey) throws -> ArchiveVerification {
        var check = ArchiveCheck(folder: folder, key: key)
        return try check.run()
    }

    init(_ findings: [ArchiveFinding], _ manifest: ArchiveManifest?, records: Int64 = 0, whole: Int64 = 0) {
        (self.findings, self.manifest, self.records, self.whole) = (findings, manifest, records, whole)
    }
}

/// One verification on its way.
struct ArchiveCheck {
    let folder: String
    let key: SigningPublicKey
    private var findings: [ArchiveFinding] = []

    init(folder: String, key: SigningPublicKey) { (self.folder, self.key) = (folder, key) }

    mutating func run() throws -> ArchiveVerification {
        let listed = try ArchiveFolder.list(folder)
        let source = ManifestReading(folder: folder, listed: listed.files)
        guard let manifest = source.manifest else { return ArchiveVerification(source.findings, nil) }
        let isSigned = source.isSigned(by: key)
        let files = manifest.files
        let marks = ArchiveMarks(folder, files: files)
        let spool = try FactSpool()
        var chain = ChainScan(manifest, spool: spool)
        for name in listed.others { add(name, expected: "plain files and folders alone", received: "something else") }
        // The records come first: what is wrong in them explains what is wrong elsewhere.
        let names = Set(files.keys).union(listed.files).subtracting(ManifestReading.names)
        var changed: [String: ArchiveFinding] = [:]
        for name in Self.sorted(names) {
            guard let wanted = files[name] else {
                add(name, expected: "no such file: the manifest does not name it", received: "a file")
                continue
            }
            guard listed.files.contains(name) else {
                add(name, expected: "a file of \(wanted.size) bytes, SHA-256 \(wanted.sha256)", received: "none")
                continue
            }
            let scan = try ArchiveScan(folder, name, marks) { number, line in
                if name == "records.jsonl" { try chain.take(number, line) }
            }
            if scan.file != wanted {
                changed[name] =
                    Self.first(scan.bad, name == "records.jsonl" ? chain.bad : nil)
                    ?? ArchiveFinding(
                        name, expected: "\(wanted.size) bytes, SHA-256 \(wanted.sha256)",
                        received: "\(scan.file.size) bytes, SHA-256 \(scan.file.sha256)")
            } else if let bad = name == "records.jsonl" ? chain.bad : nil {
                findings.append(bad)
            } else if let bad = scan.bad, changed[ArchiveFile.marksName] == nil {
                changed[ArchiveFile.marksName] = ArchiveFinding(
                    ArchiveFile.marksName, expected: "the mark of \(name) line \(bad.line ?? 0)", received: "another")
            }
        }
        let content = ArchiveContent(folder: folder, manifest: manifest, chain: chain, spool: spool)
        let areRecordsWhole =
            findings.isEmpty && changed["records.jsonl"] == nil && listed.files.contains("records.jsonl")
        if areRecordsWhole {
            for name in changed.keys.sorted() {
                if let told = try content.difference(in: name) { changed[name] = told }
            }
        }
        findings += Self.sorted(changed.keys).compactMap { changed[$0] }
        // The manifest's own words are compared with what they speak of, also where its signature tells that one is changed.
        if areRecordsWhole, changed.isEmpty { findings += try content.findings() }
        let strange = changed.count
        if isSigned, strange > 2, changed["records.jsonl"] != nil, changed[ArchiveFile.marksName] != nil {
            let finding = ArchiveFinding(
                ArchiveManifest.name, expected: "the manifest of these files",
                received: "one that was signed for other files: \(strange) of \(files.count) are not as it says")
            findings.insert(finding, at: 0)
        }
        if !isSigned { findings.insert(source.unsigned(key, manifest, findings), at: 0) }
        return ArchiveVerification(
            findings, manifest, records: chain.head.seq - manifest.before.seq, whole: chain.whole)
    }

    /// By name, the records first.
    private static func sorted(_ names: some Sequence<String>) -> [String] {
        names.sorted { $0 == "records.jsonl" ? $1 != $0 : $1 != "records.jsonl" && $0 < $1 }
    }

    private mutating func add(_ name: String, expected: String, received: String) {
        findings.append(ArchiveFinding(name, expected: expected, received: received))
    }

    /// The one that comes first in the file; of two on one line the chain's, which says more.
    private static func first(_ mark: ArchiveFinding?, _ chain: ArchiveFinding?) -> ArchiveFinding? {
        guard let mark, let chain else { return mark ?? chain }
        return (chain.line ?? 0) <= (mark.line ?? 0) ? chain : mark
    }
}
