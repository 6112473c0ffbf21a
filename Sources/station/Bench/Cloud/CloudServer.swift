import AliyunIoT

/// A server under measurement: where it is, and the process it runs in.
struct CloudServer: Sendable {
    let cloud: Cloud
    let process: ProcessTime

    /// - Throws: ``CloudMeasurement/MeasurementError`` where the child process whose command line contains `text` is not found.
    init(cloud: Cloud, childContaining text: String) throws {
        guard let process = ProcessTime.child(containing: text) else {
            throw CloudMeasurement.MeasurementError(
                description: "the process of \(text) is not to be found in /proc: no figure")
        }
        (self.cloud, self.process) = (cloud, process)
    }
}
