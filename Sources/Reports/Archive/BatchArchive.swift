import CutPoint
public import Foundation
public import Journal
public import Provisioning

/// A closed batch on disk: everything about one order, signed, so that whoever has the public key can verify it without the
/// station.
///
/// ```
/// DATA/batches/ORDER/
///   manifest.json         what is in it: SHA-256 of every file, the place on the journal's chain, counts, people
///   manifest.sig          64 bytes: Ed25519 over manifest.json
///   records.jsonl         the journal from the order's first record to the head; record null where it is another order's
///   units.csv             one line for each unit
///   reconciliation.jsonl  the reconciliation it was closed by, as rows; the same as .csv, and cloud.jsonl: the cloud's side
///   packed.csv            the packing list, where there was one
///   report.json, report.html (Chinese), report.en.html
///   logs/order.log
///   marks.bin             four bytes of SHA-256 for every line of the other files: finds the first bad line
/// ```
/// It is written beside its place and renamed at the end: a crash leaves the whole archive or none.
public struct BatchArchive: Sendable {
    /// How the batch ended.
    public struct Ending: Sendable {
        /// `closed` or `terminated`.
        public let state: WorkOrder.State
        public let reason: String
        /// Who asked, and who signed beside them.
        public let actor: String
        public let second: String?
        /// Reasons for open rows, by class; empty for a batch that is closed.
        public let exceptions: [String: String]

        public init(
            state: WorkOrder.State, reason: String, actor: String, second: String? = nil,
            exceptions: [String: String] = [:]
        ) {
            (self.state, self.reason, self.actor) = (state, reason, actor)
            (self.second, self.exceptions) = (second, exceptions)
        }

        var json: JSONValue {
            [
                "actor": .string(actor), "second": .init(second), "reason": .string(reason),
                "exceptions": .object(exceptions.mapValues(JSONValue.string)),
            ]
        }
    }

    /// What is archived beside the journal's own records.
    public struct Contents: Sendable {
        public let order: WorkOrder
        public let ending: Ending
        /// The body of the `reconcile.concluded` record.
        public let reconciliation: JSONValue
        /// Files with its rows and with the cloud's devices that were laid beside the journal, a JSON object a line.
        public let rowsFile, cloudFile: String
        /// The packing list; nil = none was reconciled.
        public let packedFile: String?
        /// What the probe answered about the product's switch, and whether another order needs it.
        public let registrationSwitch: JSONValue
        public let station: String?
        /// The program's version.
        public let software: String
        /// How the report is printed: pages by their file's name.
        public let pages: @Sendable (Report) throws -> [String: String]

        public init(
            order: WorkOrder, ending: Ending, reconciliation: JSONValue, rowsFile: String, cloudFile: String,
            packedFile: String?, registrationSwitch: JSONValue, station: String?, software: String,
            pages: @escaping @Sendable (Report) throws -> [String: String]
        ) {
            (self.order, self.ending, self.reconciliation) = (order, ending, reconciliation)
            (self.rowsFile, self.cloudFile, self.packedFile) = (rowsFile, cloudFile, packedFile)
            (self.registrationSwitch, self.station, self.software) = (registrationSwitch, station, software)
            self.pages = pages
        }
    }

    /// Who signs.
    public struct Signer: Sendable {
        /// 64 hexadecimal digits of the public key.
        public let key: String
        public let sign: @Sendable ([UInt8]) throws -> [UInt8]

        public init(key: String, sign: @escaping @Sendable ([UInt8]) throws -> [UInt8]) {
            (self.key, self.sign) = (key, sign)
        }
    }

    public let folder: String
    /// SHA-256 of the manifest.
    public let manifestSHA256: String
    /// The last record in it.
    public let head: Int64

    /// Writes the archive of an order as the journal stands now.
    /// - Parameters:
    ///   - folder: `DATA/batches`; the archive is `folder/ORDER`. One that is there already was not journaled, and is replaced.
    public static func write(
        _ contents: Contents, of journal: Journal, in folder: String, signer: Signer, at time: Date = Date()
    ) async throws -> BatchArchive {
        let id = contents.order.id
        guard let first = try await journal.firstRecord(order: id), let last = try await journal.lastRow()?.seq,
            let head = try await journal.place(last)
        else { throw ArchiveError("the journal has no record of order \(id)") }
        let before = try await journal.place(first - 1)
        let release = try await journal.release(profile: contents.order.profile, version: contents.order.release)
        let zone = try await Report.timeZone(of: journal)
        let builder = try await offPool {
            try ArchiveBuilder(
                contents, folder: folder, first: first, before: before?.hash, head: head, time: time, zone: zone)
        }
        try await journal.excerpt(order: id, from: first, to: last) { try builder.take($0) }
        CutPoint.reach("archive.records")
        return try await offPool {
            try builder.finish(release: release, signer: signer)
        }
    }

    /// Runs what reads and writes files outside the pool of tasks.
    static func offPool<R: Sendable>(_ body: @Sendable @escaping () throws -> R) async throws -> R {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result(catching: body)) }
        }
    }
}
