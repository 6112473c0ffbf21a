/// One change after a snapshot, as one line of the log. A device's change holds the whole device.
enum CloudChange: Codable, Sendable {
    case device(CloudDevice)
    case deleted(DeviceKey)
    case turned(product: String, on: Bool)
    case product(CloudProduct.Created)
    case batch(BatchJob)
    case progress(batch: Int64, BatchJob.Progress)
    case forgotten(batch: Int64)
}
