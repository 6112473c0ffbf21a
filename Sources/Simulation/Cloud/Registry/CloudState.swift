import Logging
import Provisioning

/// Everything the simulated platform knows: products, devices, live sessions, batch jobs, secrets issued.
///
/// All rules of a device's life are decided here, one at a time, so that they hold under any race between HTTP and
/// MQTT. A change is answered only after ``commit()``: whoever got a reply finds it again though the stand-in was
/// killed.
actor CloudState {
    let configuration: CloudConfiguration
    let logger: Logger
    /// Batch jobs to be worked on, for the ``BatchWorker``.
    nonisolated let batchOrders: AsyncStream<Int64>
    private let orderBatch: AsyncStream<Int64>.Continuation
    private let store: CloudStore

    private(set) var products: [String: CloudProduct] = [:]
    private(set) var devices: [DeviceKey: CloudDevice] = [:]
    private(set) var keysByIotID: [String: DeviceKey] = [:]
    /// DeviceNames of a product in the order of their creation.
    private(set) var namesByProduct: [String: [String]] = [:]
    private(set) var batches: [Int64: BatchJob]
    private var nextNumber: Int
    private(set) var nextBatch: Int64

    /// Open sessions of each device by their identity: a ClientID, or empty for the device's own certificate.
    var sessions: [DeviceKey: [String: LiveSession]] = [:]
    var nextSession: UInt64 = 1
    var connects: [DeviceKey: [ContinuousClock.Instant]] = [:]
    private(set) var refusals: [CloudRefusal] = []

    private var unsaved = CloudStore.Batch()
    private var version = 0
    private var savedVersion = 0
    private var isSaving = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// Takes up the state of the last run, where a state file is configured and there.
    init(configuration: CloudConfiguration, logger: Logger) throws {
        self.configuration = configuration
        self.logger = logger
        (batchOrders, orderBatch) = AsyncStream.makeStream()
        store = try CloudStore(
            stateFile: configuration.behaviour.stateFile, secretsFile: configuration.behaviour.secretsFile)
        let old = try store.read()
        let started = CloudTime.now()
        for made in old.products.values {
            products[made.key] = CloudProduct(made, registered: old.switches[made.key])
        }
        for product in configuration.products {
            products[product.key] = CloudProduct(product, registered: old.switches[product.key], created: started)
        }
        (devices, batches) = (old.devices, old.batches)
        for device in old.devices.values.sorted(by: { $0.number < $1.number }) {
            keysByIotID[device.iotID] = device.key
            namesByProduct[device.key.product, default: []].append(device.key.name)
        }
        (nextNumber, nextBatch) = (old.nextNumber, old.nextBatch)
        unsaved.secrets =
            configuration.products.map(\.secret.revealed) + configuration.accessKeys.map(\.secret.revealed)
            + old.devices.values.flatMap { [$0.secret] + $0.clients.map(\.token) }
            + old.batches.values.flatMap { $0.entries.compactMap(\.secret) }
        version = 1
        for job in old.batches.values where !job.progress.stage.isFinal { orderBatch.yield(job.id) }
    }

    // MARK: - Products and devices

    func setSwitch(product key: String, on: Bool) -> Bool {
        guard products[key] != nil else { return false }
        products[key]?.registrationSwitch = on
        products[key]?.switchWasSet = true
        changed(.turned(product: key, on: on))
        logger.notice("dynamic registration of product \(key) switched \(on ? "on" : "off")")
        return true
    }

    /// Adds a product, or changes one that CreateProduct made.
    func keep(_ product: CloudProduct) {
        products[product.key] = product
        guard !product.isConfigured else { return }
        issued(product.secret)
        changed(.product(product.kept))
    }

    func device(iotID: String) -> CloudDevice? { keysByIotID[iotID].flatMap { devices[$0] } }

    func life(of device: CloudDevice) -> DeviceLife {
        device.life(isOnline: sessions[device.key]?.isEmpty == false)
    }

    /// Whether the instance of a product may have one device more.
    func hasRoom(in product: CloudProduct) -> Bool {
        let limit = configuration.behaviour.deviceLimit
        guard limit > 0 else { return true }
        let instance = products.values.filter { $0.instanceID == product.instanceID }
        return instance.reduce(0) { $0 + (namesByProduct[$1.key]?.count ?? 0) } < limit
    }

    /// Creates a device that does not exist yet, from what a call or a batch job wants; where it is imported, its
    /// DeviceSecret is its own.
    func create(_ wanted: BatchJob.Entry, in product: String, batch: Int64? = nil) -> CloudDevice {
        let (now, key) = (CloudTime.now(), DeviceKey(product: product, name: wanted.name))
        // A batch job's own secrets were listed when it was taken in.
        if let secret = wanted.secret, batch == nil { issued(secret) }
        let device = CloudDevice(
            key: key, iotID: RandomText.alphanumeric(20) + "000100", number: nextNumber, nickname: wanted.nickname,
            secret: wanted.secret ?? newSecret(), created: now, modified: now, changed: now, batch: batch,
            serial: wanted.serial)
        nextNumber += 1
        devices[key] = device
        keysByIotID[device.iotID] = key
        namesByProduct[key.product, default: []].append(key.name)
        changed(.device(device))
        return device
    }

    /// Removes a device; its sessions are returned to be closed.
    func delete(_ device: CloudDevice) -> [LiveSession] {
        devices[device.key] = nil
        keysByIotID[device.iotID] = nil
        namesByProduct[device.key.product]?.removeAll { $0 == device.key.name }
        connects[device.key] = nil
        changed(.deleted(device.key))
        return sessions.removeValue(forKey: device.key).map { Array($0.values) } ?? []
    }

    /// Changes a device in place; nothing happens where it is gone.
    func update(_ key: DeviceKey, _ change: (inout CloudDevice) -> Void) {
        guard var device = devices[key] else { return }
        change(&device)
        devices[key] = device
        changed(.device(device))
    }

    // MARK: - Batch jobs

    /// Takes a job in and has it worked on.
    func open(_ job: BatchJob) {
        for secret in job.entries.compactMap(\.secret) { issued(secret) }
        batches[job.id] = job
        nextBatch = max(nextBatch, job.id + 1)
        changed(.batch(job))
        orderBatch.yield(job.id)
    }

    /// Notes how far a job has come; where `works`, it is worked on again.
    func advance(_ id: Int64, to progress: BatchJob.Progress, works: Bool = false) {
        batches[id]?.progress = progress
        changed(.progress(batch: id, progress))
        if works { orderBatch.yield(id) }
    }

    func forget(_ id: Int64) {
        batches[id] = nil
        changed(.forgotten(batch: id))
    }

    // MARK: - Secrets and refusals

    /// A fresh secret of 32 lower-case hex digits, listed as issued.
    func newSecret() -> String {
        let secret = RandomText.hex(32)
        issued(secret)
        return secret
    }

    private func issued(_ secret: String) {
        guard !store.isOff else { return }
        unsaved.secrets.append(secret)
        version += 1
    }

    /// Notes the true reason of a refusal, which the wire does not tell.
    func note(_ refusal: CloudRefusal) {
        logger.notice("refused \(refusal.channel) of \(refusal.product)/\(refusal.device): \(refusal.reason)")
        refusals.append(refusal)
        if refusals.count > 200 { refusals.removeFirst(100) }
    }

    // MARK: - Files

    private func changed(_ change: CloudChange) {
        guard !store.isOff else { return }
        unsaved.changes.append(change)
        version += 1
    }

    /// Returns when every change made before the call is in the files. Calls that come together share one write.
    func commit() async throws {
        guard !store.isOff else { return }
        let target = version
        while savedVersion < target {
            if isSaving {
                await withCheckedContinuation { waiting.append($0) }
                continue
            }
            isSaving = true
            let (batch, taken) = (unsaved, version)
            let whole = store.wantsSnapshot ? snapshot() : nil
            unsaved = CloudStore.Batch()
            var failure: (any Error)?
            do {
                try await store.write(batch, snapshot: whole)
                savedVersion = taken
            } catch {
                failure = error
                unsaved = CloudStore.Batch(
                    changes: batch.changes + unsaved.changes, secrets: batch.secrets + unsaved.secrets)
            }
            isSaving = false
            let woken = waiting
            waiting = []
            for continuation in woken { continuation.resume() }
            if let failure { throw failure }
        }
    }

    /// Writes everything whole on the calling thread, after a write that is still under way: the last act of a stand-in.
    func flush() async throws {
        guard !store.isOff else { return }
        while isSaving { await withCheckedContinuation { waiting.append($0) } }
        try store.writeBlocking(unsaved, snapshot: snapshot())
        (unsaved, savedVersion) = (CloudStore.Batch(), version)
    }

    private func snapshot() -> CloudSnapshot {
        CloudSnapshot(
            generation: 0, nextNumber: nextNumber, nextBatch: nextBatch,
            switches: products.filter(\.value.switchWasSet).mapValues(\.registrationSwitch),
            products: products.values.filter { !$0.isConfigured }.map(\.kept).sorted { $0.key < $1.key },
            devices: devices.values.sorted { $0.number < $1.number },
            batches: batches.values.sorted { $0.id < $1.id }
        )
    }
}
