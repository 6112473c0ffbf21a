import Crypto
import CutPoint
import Foundation
import Journal
import Locking
import Provisioning

/// Writes one archive's files in a folder beside its place, `.ORDER.new`.
final class ArchiveBuilder: Sendable {
    private struct State {
        let records: ArchiveFileWriter
        let log: ArchiveFileWriter
        var lines = ArchiveLog()
        var whole: Int64 = 0
        var changes: [JSONValue] = []
        var files: [String: ArchiveFile] = [:]
    }

    private let contents: BatchArchive.Contents
    private let folder, place: String
    private let first: Int64
    private let before: String
    private let head: JournalHead
    private let time: Date
    private let zone: TimeZone?
    private let spool: FactSpool
    private let state: Locked<State>

    init(
        _ contents: BatchArchive.Contents, folder: String, first: Int64, before: String?, head: JournalHead, time: Date,
        zone: TimeZone?
    ) throws {
        (self.contents, self.first, self.head, self.time) = (contents, first, head, time)
        self.zone = zone
        self.before = before ?? String(repeating: "0", count: 64)
        self.folder = folder
        place = folder + "/." + contents.order.id + ".new"
        let files = FileManager.default
        try? files.removeItem(atPath: place)
        try files.createDirectory(
            atPath: place + "/logs", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        spool = try FactSpool()
        state = Locked(
            State(
                records: try ArchiveFileWriter(place + "/records.jsonl"),
                log: try ArchiveFileWriter(place + "/logs/order.log")))
    }

    /// Takes the next record.
    func take(_ row: ExportRow) throws {
        try state.withLock { state in
            try state.records.write(line: row.line)
            guard let text = row.record else { return }
            state.whole += 1
            let kind = RecordFields.kind(text)
            let record = try RecordFields.parse(text)
            if let kind, FactSpool.kinds.contains(kind) { try spool.take(record, order: contents.order.id) }
            if let kind, ArchiveVerification.configuration.contains(kind) { state.changes.append(record) }
            for line in state.lines.lines(record) { try state.log.write(line: Array(line.utf8)) }
        }
    }

    /// Writes everything else, signs, and puts the archive in its place.
    func finish(release: Release?, signer: BatchArchive.Signer) throws -> BatchArchive {
        try state.withLock { state in
            state.files["records.jsonl"] = try state.records.finish()
            state.files["logs/order.log"] = try state.log.finish()
            let report = try report()
            state.files["units.csv"] = try file("units.csv") { file in
                try file.write(line: Array(UnitTable.head.utf8))
                try UnitTable.lines(spool) { try file.write(line: Array($0.utf8)) }
            }
            state.files["report.json"] = try file("report.json") { try $0.write(JSONLines.text(report.json)) }
            for (name, text) in try contents.pages(report).sorted(by: { $0.key < $1.key }) {
                state.files[name] = try file(name) { try $0.write(text) }
            }
            try reconciliation(&state.files)
            CutPoint.reach("archive.files")
            state.files[ArchiveFile.marksName] = try marks(state.files.keys.sorted())
            let manifest = manifest(state, report, release, signer.key)
            let text = Array(manifest.text.utf8)
            try DurableFile.replace(place + "/" + ArchiveManifest.name, with: text)
            try DurableFile.replace(place + "/" + ArchiveManifest.signatureName, with: signer.sign(text))
            CutPoint.reach("archive.signed")
            try putInPlace()
            return BatchArchive(
                folder: folder + "/" + contents.order.id, manifestSHA256: Hex.text(SHA256.hash(data: text)),
                head: head.seq)
        }
    }

    // MARK: - Files

    private func file(_ name: String, _ body: (ArchiveFileWriter) throws -> Void) throws -> ArchiveFile {
        let writer = try ArchiveFileWriter(place + "/" + name)
        try body(writer)
        return try writer.finish()
    }

    private func report() throws -> Report {
        var figures = FigureAccumulator(scope: .batch(order: contents.order.id, quota: contents.order.quota))
        try spool.facts(order: contents.order.id) { figures.add($0) }
        return Report(
            kind: .batch, station: contents.station, cut: Report.Cut(seq: head.seq, hash: head.hash), madeAt: time,
            order: contents.order, figures: figures.finish(), zone: zone)
    }

    private func reconciliation(_ files: inout [String: ArchiveFile]) throws {
        files["reconciliation.jsonl"] = try copy(contents.rowsFile, to: "reconciliation.jsonl")
        files["cloud.jsonl"] = try copy(contents.cloudFile, to: "cloud.jsonl")
        if let packed = contents.packedFile { files["packed.csv"] = try copy(packed, to: "packed.csv") }
        files["reconciliation.csv"] = try file("reconciliation.csv") { table in
            try table.write(line: Array(ReconciliationTable.head.utf8))
            var lines = try ByteLines(contents.rowsFile)
            while let line = try lines.next() {
                try table.write(line: Array(ReconciliationTable.line(RecordFields.parse(Array(line))).utf8))
            }
        }
    }

    private func copy(_ path: String, to name: String) throws -> ArchiveFile {
        try file(name) { file in
            var lines = try ByteLines(path)
            while let line = try lines.next() { try file.write(whole: Array(line)) }
        }
    }

    /// The marks of every file's lines, by name, in one file.
    private func marks(_ names: [String]) throws -> ArchiveFile {
        let all = try ArchiveFileWriter(place + "/" + ArchiveFile.marksName, marked: false)
        for name in names {
            let part = place + "/" + name + ".marks"
            var lines = try ByteLines(part)
            while let line = try lines.next() { try all.write(bytes: Array(line)) }
            try FileManager.default.removeItem(atPath: part)
        }
        return try all.finish()
    }

    private func manifest(
        _ state: State, _ report: Report, _ release: Release?, _ key: String
    ) -> ArchiveManifest {
        let json = report.json
        return ArchiveManifest(json: [
            "archive": .int(ArchiveManifest.version), "order": contents.order.json,
            "ending": .string(contents.ending.state.rawValue), "people": contents.ending.json,
            "station": .init(contents.station), "software": .string(contents.software),
            "made_at": .string(UTCTime.text(Int64(time.timeIntervalSince1970 * 1000))),
            "key": .string(key), "counts": json["counts"], "rates": json["rates"],
            "reconciliation": contents.reconciliation, "switch": contents.registrationSwitch,
            "release": release?.json ?? .null, "configuration": .array(state.changes),
            "chain": [
                "from": ["seq": .int(first - 1), "hash": .string(before)],
                "head": ["seq": .int(head.seq), "hash": .string(head.hash)],
            ],
            "records": ["lines": .int(head.seq - first + 1), "whole": .int(state.whole)],
            "files": .object(state.files.mapValues(\.json)),
        ])
    }

    // MARK: - Place

    private func putInPlace() throws {
        let files = FileManager.default
        let (target, old) = (folder + "/" + contents.order.id, folder + "/." + contents.order.id + ".old")
        try sync(place + "/logs")
        try sync(place)
        try? files.removeItem(atPath: old)
        if files.fileExists(atPath: target) { try files.moveItem(atPath: target, toPath: old) }
        CutPoint.reach("archive.moved")
        guard rename(place, target) == 0 else {
            throw ArchiveError("cannot rename \(place) to \(target): \(String(cString: strerror(errno)))")
        }
        try sync(folder)
        CutPoint.reach("archive.placed")
        try? files.removeItem(atPath: old)
    }

    private func sync(_ folder: String) throws {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ArchiveError("cannot open \(folder): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw ArchiveError("cannot sync \(folder): \(String(cString: strerror(errno)))")
        }
    }
}
