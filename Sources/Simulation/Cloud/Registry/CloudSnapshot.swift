/// What a stand-in keeps over a restart.
struct CloudSnapshot: Codable, Sendable {
    /// Version of this file's form.
    var form = 1
    var nextNumber: Int
    /// Positions of the dynamic-registration switch that were set while running, by ProductKey.
    var switches: [String: Bool]
    var devices: [CloudDevice]
}
