public import Provisioning

/// What a reconciliation came to: the body of its `reconcile.concluded` record.
public struct ReconcileResult: Hashable, Sendable {
    /// Where the reset-without-record class can tell anything.
    public enum ResetDetection: String, Sendable {
        case byDigest = "by-digest"
        /// The platform shows no DeviceSecret, or a reset leaves it as it was.
        case notDetectable = "not-detectable"
    }

    public var number: Int64
    public var order: String
    /// The journal's last record that was taken into account.
    public var head: Int64
    /// When the reading of the cloud's listing began and ended, UTC.
    public var cloudBegan: String
    public var cloudRead: String
    /// Rows of each class that has any, by its name.
    public var counts: [String: Int]
    /// Rows that keep the batch from closing.
    public var open: Int
    /// Devices the cloud listed for the product.
    public var devices: Int
    public var resetDetection: ResetDetection
    public var rowsSHA256: String
    public var cloudSHA256: String
    public var packedSHA256: String?

    public var rows: Int { counts.values.reduce(0, +) }

    /// As the record, files and commands carry it.
    public var json: JSONValue {
        [
            "reconciliation": .int(number), "order": .string(order), "head": .int(head),
            "cloud_began": .string(cloudBegan), "cloud_read": .string(cloudRead), "open": .init(open),
            "counts": .object(
                Dictionary(
                    uniqueKeysWithValues: ReconcileClass.allCases.map { ($0.name, .init(counts[$0.name] ?? 0)) })),
            "rows": .init(rows), "devices": .init(devices), "reset_detection": .string(resetDetection.rawValue),
            "rows_sha256": .string(rowsSHA256), "cloud_sha256": .string(cloudSHA256),
            "packed_sha256": .init(packedSHA256), "file": .string("\(number).jsonl"),
        ]
    }

    public init(
        number: Int64, order: String, head: Int64, cloudBegan: String, cloudRead: String, counts: [String: Int],
        open: Int, devices: Int, resetDetection: ResetDetection, rowsSHA256: String, cloudSHA256: String,
        packedSHA256: String?
    ) {
        (self.number, self.order, self.head) = (number, order, head)
        (self.cloudBegan, self.cloudRead, self.counts, self.open) = (cloudBegan, cloudRead, counts, open)
        (self.devices, self.resetDetection) = (devices, resetDetection)
        (self.rowsSHA256, self.cloudSHA256, self.packedSHA256) = (rowsSHA256, cloudSHA256, packedSHA256)
    }

    /// Reads a record's body; nil for anything else.
    public init?(json: JSONValue) {
        guard let number = json["reconciliation"].int, let order = json["order"].string, let head = json["head"].int,
            let began = json["cloud_began"].string, let read = json["cloud_read"].string,
            let open = json["open"].int, let rows = json["rows_sha256"].string,
            let cloud = json["cloud_sha256"].string
        else { return nil }
        let counts = (json["counts"].object ?? [:]).compactMapValues { $0.int.map { Int($0) } }.filter { $0.value > 0 }
        self.init(
            number: number, order: order, head: head, cloudBegan: began, cloudRead: read, counts: counts,
            open: Int(open), devices: Int(json["devices"].int ?? 0),
            resetDetection: json["reset_detection"].string.flatMap(ResetDetection.init) ?? .notDetectable,
            rowsSHA256: rows, cloudSHA256: cloud, packedSHA256: json["packed_sha256"].string)
    }
}
