import Crypto
import Foundation
import GRDB
import Journal
import Provisioning
import Reports

/// The data of the measurement on disk: a journal with its table of names, a spool of the cloud's devices, and the same as
/// CSV for programs that read no SQLite.
struct ReconcileData {
    let folder: String

    var journal: String { folder + "/journal" }
    var spool: String { folder + "/cloud.sqlite" }
    var journalCSV: String { folder + "/journal.csv" }
    var cloudCSV: String { folder + "/cloud.csv" }

    /// What is in it.
    struct Content: Sendable {
        var names = 0
        var devices = 0
        /// How many of each class were planted.
        var planted: [String: Int] = [:]
        /// SHA-256 over every planted name with its class, in their order.
        var digest = ""
    }

    /// Writes it all.
    func make(_ count: Int, progress: (String) -> Void) async throws -> Content {
        // The journal makes its own tables.
        _ = try Journal(folder: journal)
        _ = try CloudSpool(path: spool)
        var configuration = Configuration()
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = OFF; PRAGMA cache_size = -65536") }
        let (names, devices) = (
            try DatabaseQueue(path: journal + "/journal.sqlite", configuration: configuration),
            try DatabaseQueue(path: spool, configuration: configuration)
        )
        let tables = (try CSVFile(journalCSV), try CSVFile(cloudCSV))
        var content = Content()
        var hash = FoundHash()
        let step = 100_000
        for start in stride(from: 0, to: count, by: step) {
            let plants = (start..<min(start + step, count)).map(ReconcilePlant.init)
            try await names.write { db in
                let insert = try db.makeStatement(sql: Self.insertName)
                for plant in plants {
                    if let name = plant.journal { try insert.execute(arguments: Self.values(name)) }
                }
            }
            try await devices.write { db in
                let insert = try db.makeStatement(sql: Self.insertDevice)
                for plant in plants {
                    if let device = plant.cloud { try insert.execute(arguments: Self.values(device)) }
                }
            }
            for plant in plants {
                if let name = plant.journal {
                    content.names += 1
                    try tables.0.write(Self.cells(name))
                }
                if let device = plant.cloud {
                    content.devices += 1
                    try tables.1.write(Self.cells(device))
                }
                guard plant.kind != .ok else { continue }
                content.planted[plant.kind.name, default: 0] += 1
                hash.add(plant.journal?.key ?? plant.cloud?.key ?? "", plant.kind.name)
            }
            progress("\(start + plants.count) of \(count) names written")
        }
        try await names.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
        try await devices.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
        try tables.0.close()
        try tables.1.close()
        content.digest = hash.digest
        return content
    }

    // MARK: - Rows

    private static let insertName = """
        INSERT INTO known_name (product_key, name_folded, device_name, unit, work_order, identity, state, iot_id, client_id,
            listed, flashed, clash, looked_at, activated_at, secret_digest, changed)
        VALUES ('\(ReconcilePlant.productKey)', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
        """
    private static let insertDevice = """
        INSERT INTO device (key, name, iot_id, state, created, activated, digest, client_ids)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """

    private static func values(_ name: JournalName) -> StatementArguments {
        [
            name.key, name.name, name.unit, name.order, name.identity, name.state?.rawValue, name.iotID, name.clientID,
            name.isListed, name.isFlashed, name.clash?.rawValue, name.lookedAt, name.activatedAt, name.secretDigest,
        ]
    }

    private static func values(_ device: CloudName) -> StatementArguments {
        [
            device.key, device.name, device.iotID, device.state?.rawValue, device.createdAt, device.activatedAt,
            device.secretDigest, device.clientIDs?.joined(separator: " "),
        ]
    }

    /// `key, unit, state, iot_id, client_id, listed, flashed, clash, looked, activated, digest`.
    private static func cells(_ name: JournalName) -> [String?] {
        [
            name.key, name.unit.map(String.init), name.state?.rawValue, name.iotID, name.clientID,
            name.isListed ? "1" : "0", name.isFlashed ? "1" : "0", name.clash.map { String($0.rawValue) },
            name.lookedAt.map(String.init), name.activatedAt.map(String.init), name.secretDigest,
        ]
    }

    /// `key, iot_id, state, activated, digest, client_ids`.
    private static func cells(_ device: CloudName) -> [String?] {
        [
            device.key, device.iotID, device.state?.rawValue, device.activatedAt.map(String.init), device.secretDigest,
            device.clientIDs?.joined(separator: " "),
        ]
    }
}

/// What was found, as one value: SHA-256 over every name that does not agree with its class, in their order.
struct FoundHash {
    private var hash = SHA256()

    mutating func add(_ key: String, _ found: String) {
        hash.update(data: Array("\(key) \(found)\n".utf8))
    }

    var digest: String { hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}

/// A plain CSV file without quotes, written line by line.
private final class CSVFile {
    private let file: UnsafeMutablePointer<FILE>

    init(_ path: String) throws {
        guard let file = fopen(path, "w") else { throw CocoaError(.fileWriteUnknown) }
        self.file = file
    }

    func write(_ cells: [String?]) throws {
        let line = cells.map { $0 ?? "" }.joined(separator: ",") + "\n"
        guard fputs(line, file) >= 0 else { throw CocoaError(.fileWriteUnknown) }
    }

    func close() throws {
        guard fclose(file) == 0 else { throw CocoaError(.fileWriteUnknown) }
    }
}
