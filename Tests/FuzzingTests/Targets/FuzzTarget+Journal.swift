import Crypto
import Foundation
import Fuzzing
import Provisioning

@testable import Journal
@testable import Reports
@testable import Vault

extension FuzzTarget {
    /// One row of an exported journal.
    static let exportRow = FuzzTarget(
        "export-row", limit: 2048,
        seeds: [
            ExportRow(
                seq: 1, digest: [UInt8](repeating: 1, count: 32), hash: [UInt8](repeating: 2, count: 32),
                record: Array(#"{"seq":1,"kind":"order.created","body":{"text":"\n\u0001\"é"}}"#.utf8)
            ).line,
            ExportRow(
                seq: 9_223_372_036_854_775_807, digest: [UInt8](repeating: 0xFF, count: 32),
                hash: [UInt8](repeating: 0, count: 32), record: nil
            ).line,
        ], words: ["null", "\\u00", "\\n", "\\\"", ",\"seq\":", "\"record\":"]
    ) { bytes in
        if let row = try orRefusal({ () throws(ExportRow.Malformed) in try ExportRow(line: bytes) }) {
            try insist(row.line, equals: bytes, "a row has one form only")
        }
        _ = RecordFields.kind(bytes)
        if let record = try? RecordFields.parse(bytes) {
            for fact in Fact.facts(of: record) {
                for step in fact.steps {
                    try insist(
                        !step.startMilliseconds.addingReportingOverflow(step.durationMilliseconds).overflow,
                        "a step that ends beyond all time")
                }
            }
        }
    }

    /// An archive's folder: the input is the text of its manifest, and behind a NUL that of its records.
    static let archive = FuzzTarget(
        "archive", limit: 4096,
        seeds: [
            Array(
                JSONLines.text([
                    "archive": 1, "ending": "closed", "key": .string(String(repeating: "a", count: 64)),
                    "chain": [
                        "from": ["seq": 0, "hash": ""],
                        "head": ["seq": 1, "hash": .string(String(repeating: "b", count: 64))],
                    ],
                    "order": ["order": "wo-1", "quota": 3],
                    "files": [
                        "records.jsonl": [
                            "sha256": .string(String(repeating: "c", count: 64)), "size": 10,
                            "lines": 9_223_372_036_854_775_807,
                        ],
                        "units.csv": [
                            "sha256": .string(String(repeating: "d", count: 64)), "size": 10,
                            "lines": 9_223_372_036_854_775_807,
                        ],
                    ],
                ]).utf8) + [0]
                + ExportRow(
                    seq: 1, digest: [UInt8](repeating: 1, count: 32), hash: [UInt8](repeating: 2, count: 32),
                    record: nil
                ).line + [10]
        ], words: ["\"seq\":", "\"lines\":", "9223372036854775807", "-1", "null", "\"files\":"], count: 100
    ) { bytes in
        let folder = FileManager.default.temporaryDirectory.path + "/archive-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let parts = bytes.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
        try Data(parts.first ?? []).write(to: URL(fileURLWithPath: folder + "/manifest.json"))
        try Data(parts.count > 1 ? parts[1] : []).write(to: URL(fileURLWithPath: folder + "/records.jsonl"))
        let key = SigningPublicKey(bytes: [UInt8](repeating: 7, count: 32))
        let found = try ArchiveVerification.verify(folder, key: key)
        try insist(!found.isWhole, "an archive that nobody signed is whole")
        for finding in found.findings {
            try insist("\(finding)".utf8.count < 4096, "a finding of \("\(finding)".utf8.count) bytes")
        }
    }

    /// Sealed files of the vault.
    static let sealedFile = FuzzTarget(
        "sealed-file", limit: 512,
        seeds: [
            Array("PSVT".utf8) + [1, 12] + Array("product/a1Tq".utf8) + [UInt8](repeating: 3, count: 12) + [0, 0, 0, 4]
                + [UInt8](repeating: 4, count: 20)
        ], words: ["PSVT", "product/", "access-key/"]
    ) { bytes in
        let name = try SecretName("product/a1Tq")
        if let file = try orRefusal({ () throws(VaultError) in try SealedFile(bytes, expected: name) }) {
            try insist(file.bytes, equals: bytes, "a sealed file written again")
            let key = [UInt8](repeating: 5, count: 32)
            var plain = [UInt8](repeating: 0, count: file.ciphertext.count)
            let opened: Void? = try key.withUnsafeBytes { key in
                try plain.withUnsafeMutableBytes { plain in
                    try orRefusal { () throws(VaultError) in try file.open(key: key, into: plain) }
                }
            }
            try insist(opened == nil, "a file that nobody sealed opens")
        }
        let text = String(decoding: bytes, as: UTF8.self)
        if let other = try orRefusal({ () throws(VaultError) in try SecretName(text) }) {
            try insist(other.description, equals: text, "a secret's name printed again")
        }
        _ = SecretName(fileName: text)
    }

    /// The public key that a customer is given.
    static let signingKey = FuzzTarget(
        "signing-key", limit: 512, seeds: [Array(SigningPublicKey(bytes: [UInt8](repeating: 9, count: 32)).pem.utf8)],
        words: ["-----BEGIN PUBLIC KEY-----", "\n", "=", "MCow"]
    ) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        guard let key = try orRefusal({ () throws(VaultError) in try SigningPublicKey(pem: text) }) else { return }
        try insist(try SigningPublicKey(pem: key.pem), equals: key, "a key read again")
        try insist(!key.verifies(Array(bytes.prefix(64)), of: bytes), "a signature that nobody made")
    }

    /// The head beside the journal, and its witness outside the data folder.
    static let witness = FuzzTarget(
        "witness", limit: 512,
        seeds: [
            Array(
                HeadWitness(head: JournalHead(seq: 7, hash: String(repeating: "a", count: 64)), claimed: ["wo-1": 3])
                    .json.text
                    .utf8)
        ], words: ["\"seq\":", "\"claimed\":", "-1", "null", "{}"]
    ) { bytes in
        let folder = FileManager.default.temporaryDirectory.path + "/witness-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data(bytes).write(to: URL(fileURLWithPath: folder + "/head"))
        do {
            if let found = try HeadWitness.read(folder + "/head") {
                try found.write(folder + "/again")
                try insist(try HeadWitness.read(folder + "/again"), equals: found, "a witness read again")
            }
            if let head = try JournalHead.read(in: folder) {
                try insist(head.hash.count, equals: 64, "the digits of a head")
            }
        } catch let error as JournalError {
            try insist("\(error)".count > 20, "a refusal without a sentence: \(error)")
        }
    }
}
