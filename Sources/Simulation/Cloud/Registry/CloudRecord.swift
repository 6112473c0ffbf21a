/// A snapshot with the changes after it: what the last run of a stand-in left.
struct CloudRecord: Sendable {
    private(set) var generation = 0
    private(set) var nextNumber = 1
    private(set) var nextBatch: Int64 = 1_300_001
    private(set) var switches: [String: Bool] = [:]
    private(set) var products: [String: CloudProduct.Created] = [:]
    private(set) var devices: [DeviceKey: CloudDevice] = [:]
    private(set) var batches: [Int64: BatchJob] = [:]

    /// A stand-in that never ran.
    init() {}

    init(_ snapshot: CloudSnapshot) {
        (generation, nextNumber, nextBatch) = (snapshot.generation, snapshot.nextNumber, snapshot.nextBatch)
        switches = snapshot.switches
        products = Dictionary(snapshot.products.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
        devices = Dictionary(snapshot.devices.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
        batches = Dictionary(snapshot.batches.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
    }

    /// Carries out one change of the log.
    mutating func apply(_ change: CloudChange) {
        switch change {
        case .device(let device):
            devices[device.key] = device
            nextNumber = max(nextNumber, device.number + 1)
        case .deleted(let key): devices[key] = nil
        case .turned(let product, let isOn): switches[product] = isOn
        case .product(let product): products[product.key] = product
        case .batch(let job):
            batches[job.id] = job
            nextBatch = max(nextBatch, job.id + 1)
        case .progress(let id, let progress): batches[id]?.progress = progress
        case .forgotten(let id): batches[id] = nil
        }
    }
}
