/// What a stand-in keeps over a restart, as its state file holds it.
struct CloudSnapshot: Codable, Sendable {
    static let form = 2

    /// Version of this file's form.
    var form = CloudSnapshot.form
    /// Number of this snapshot; only a log of the same number goes on from it.
    var generation: Int
    var nextNumber: Int
    var nextBatch: Int64
    /// Positions of the dynamic-registration switch that were set while running, by ProductKey.
    var switches: [String: Bool]
    /// Products made by CreateProduct.
    var products: [CloudProduct.Created]
    var devices: [CloudDevice]
    var batches: [BatchJob]
}
