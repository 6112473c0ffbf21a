import CutPoint
import Foundation
import Journal
public import Provisioning

/// The files of reconciliations, `DATA/reconcile/`: number N leaves `N.jsonl` (one row a line), `N.cloud.jsonl` (the cloud's
/// rows that took part) and, where there was a packing list, `N.packed.csv` (as it was given).
public struct ReconcileFiles: Sendable {
    public let folder: String

    /// - Parameter dataFolder: the station's.
    public init(dataFolder: String) { folder = dataFolder + "/reconcile" }

    public func rows(_ number: Int64) -> String { folder + "/\(number).jsonl" }
    public func cloud(_ number: Int64) -> String { folder + "/\(number).cloud.jsonl" }
    public func packed(_ number: Int64) -> String { folder + "/\(number).packed.csv" }
    /// The spool of a product's listing.
    public func spool(productKey: String) -> String { folder + "/\(productKey).spool.sqlite" }

    /// Makes the folder, open to its owner alone.
    public func prepare() throws {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    /// The rows as CSV, line by line, as the archive has them: UTF-8 with a byte order mark, safe for a spreadsheet.
    /// - Parameter sink: given one line with its end.
    public func forEachCSVLine(_ number: Int64, _ sink: (String) throws -> Void) throws {
        try sink(ReconciliationTable.head + "\n")
        try forEachRow(number) { try sink(ReconciliationTable.line($0) + "\n") }
    }

    /// Calls `body` with every row of a reconciliation, in the file's order; memory does not grow with their number.
    /// - Throws: ``JournalError`` with `notFound` where the file is gone, `broken` where a line is no row.
    public func forEachRow(_ number: Int64, _ body: (JSONValue) throws -> Void) throws {
        guard let file = fopen(rows(number), "r") else {
            throw JournalError(.notFound, "\(rows(number)) is not there; reconcile the order again")
        }
        defer { fclose(file) }
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(line) }
        while getline(&line, &capacity, file) > 0 {
            guard let line else { return }
            guard let row = try? JSONValue(parsing: String(cString: line)) else {
                throw JournalError(.broken, "\(rows(number)): \"\(String(cString: line).prefix(80))\" is not a row")
            }
            try body(row)
        }
    }
}

/// A file that is written line by line under another name, hashed as it grows, and takes its place when it is whole.
public final class LineFile {
    private let path: String
    private let file: ArchiveFileWriter

    /// - Throws: ``ArchiveError`` that names the call that failed.
    public init(path: String) throws {
        self.path = path
        // What was cut off before left its own.
        unlink(path + ".new")
        file = try ArchiveFileWriter(path + ".new", marked: false)
    }

    /// Adds a line.
    public func write(_ text: String) throws { try file.write(line: Array(text.utf8)) }

    /// Puts the file in its place, durably.
    /// - Returns: its SHA-256, 64 hexadecimal digits.
    public func finish() throws -> String {
        let written = try file.finish()
        CutPoint.reach("reconcile-file.before")
        guard rename(path + ".new", path) == 0 else {
            throw ArchiveError("cannot rename \(path).new: \(String(cString: strerror(errno)))")
        }
        CutPoint.reach("reconcile-file.after")
        try DurableFile.sync((path as NSString).deletingLastPathComponent)
        return written.sha256
    }
}
