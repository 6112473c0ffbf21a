import Logging
import Provisioning

/// Everything the simulated platform knows: products, devices, live sessions, secrets issued.
///
/// All rules of a device's life are decided here, one at a time, so that they hold under any race between HTTP and
/// MQTT. A change is answered only after ``commit()``: whoever got a reply finds it again though the stand-in was
/// killed.
actor CloudState {
    let configuration: CloudConfiguration
    let logger: Logger
    private let store: CloudStore

    private(set) var products: [String: CloudProduct] = [:]
    private(set) var devices: [DeviceKey: CloudDevice] = [:]
    private(set) var keysByIotID: [String: DeviceKey] = [:]
    /// DeviceNames of a product in the order of their creation.
    private(set) var namesByProduct: [String: [String]] = [:]
    private var nextNumber = 1

    var sessions: [DeviceKey: LiveSession] = [:]
    var nextSession: UInt64 = 1
    var connects: [DeviceKey: [ContinuousClock.Instant]] = [:]
    private(set) var refusals: [CloudRefusal] = []

    private var secrets: [String] = []
    private var secretSet: Set<String> = []
    private var unsavedSecrets = false
    private var version = 0
    private var savedVersion = 0
    private var isSaving = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// Takes up the state of the last run, where a state file is configured and there.
    init(configuration: CloudConfiguration, logger: Logger) throws {
        self.configuration = configuration
        self.logger = logger
        store = try CloudStore(
            stateFile: configuration.behaviour.stateFile, secretsFile: configuration.behaviour.secretsFile)
        let old = try store.readState()
        for secret in try store.readSecrets() where secretSet.insert(secret).inserted { secrets.append(secret) }
        let started = CloudTime.now()
        for product in configuration.products {
            products[product.key] = CloudProduct(product, registered: old?.switches[product.key], created: started)
        }
        for device in (old?.devices ?? []).sorted(by: { $0.number < $1.number }) {
            devices[device.key] = device
            keysByIotID[device.iotID] = device.key
            namesByProduct[device.key.product, default: []].append(device.key.name)
        }
        nextNumber = old?.nextNumber ?? 1
        let held =
            configuration.products.map(\.secret.revealed) + configuration.accessKeys.map(\.secret.revealed)
            + (old?.devices ?? []).map(\.secret)
        for secret in held where secretSet.insert(secret).inserted { secrets.append(secret) }
        (unsavedSecrets, version) = (true, 1)
    }

    // MARK: - Products and devices

    func setSwitch(product key: String, on: Bool) -> Bool {
        guard products[key] != nil else { return false }
        products[key]?.registrationSwitch = on
        products[key]?.switchWasSet = true
        version += 1
        logger.notice("dynamic registration of product \(key) switched \(on ? "on" : "off")")
        return true
    }

    func device(iotID: String) -> CloudDevice? { keysByIotID[iotID].flatMap { devices[$0] } }

    func life(of device: CloudDevice) -> DeviceLife { device.life(isOnline: sessions[device.key] != nil) }

    /// Creates a device that does not exist yet.
    func create(_ key: DeviceKey, nickname: String?) -> CloudDevice {
        let now = CloudTime.now()
        let device = CloudDevice(
            key: key, iotID: RandomText.alphanumeric(20) + "000100", number: nextNumber, nickname: nickname,
            secret: newSecret(), created: now, modified: now, changed: now)
        nextNumber += 1
        devices[key] = device
        keysByIotID[device.iotID] = key
        namesByProduct[key.product, default: []].append(key.name)
        version += 1
        return device
    }

    /// Removes a device; its session, if any, is returned to be closed.
    func delete(_ device: CloudDevice) -> LiveSession? {
        devices[device.key] = nil
        keysByIotID[device.iotID] = nil
        namesByProduct[device.key.product]?.removeAll { $0 == device.key.name }
        connects[device.key] = nil
        version += 1
        return sessions.removeValue(forKey: device.key)
    }

    /// Changes a device in place; nothing happens where it is gone.
    func update(_ key: DeviceKey, _ change: (inout CloudDevice) -> Void) {
        guard var device = devices[key] else { return }
        change(&device)
        devices[key] = device
        version += 1
    }

    // MARK: - Secrets and refusals

    /// A fresh secret of 32 lower-case hex digits, listed as issued.
    func newSecret() -> String {
        let secret = RandomText.hex(32)
        secrets.append(secret)
        secretSet.insert(secret)
        (unsavedSecrets, version) = (true, version + 1)
        return secret
    }

    /// Notes the true reason of a refusal, which the wire does not tell.
    func note(_ refusal: CloudRefusal) {
        logger.notice("refused \(refusal.channel) of \(refusal.product)/\(refusal.device): \(refusal.reason)")
        refusals.append(refusal)
        if refusals.count > 200 { refusals.removeFirst(100) }
    }

    // MARK: - Files

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
            let (snapshot, list, taken) = (snapshot(), unsavedSecrets ? secrets : nil, version)
            unsavedSecrets = false
            var failure: (any Error)?
            do {
                try await store.write(snapshot, secrets: list)
                savedVersion = taken
            } catch {
                failure = error
                if list != nil { unsavedSecrets = true }
            }
            isSaving = false
            let woken = waiting
            waiting = []
            for continuation in woken { continuation.resume() }
            if let failure { throw failure }
        }
    }

    /// Writes what is unwritten on the calling thread: the last act of a stand-in.
    func flush() throws {
        guard !store.isOff, savedVersion < version else { return }
        try store.writeBlocking(snapshot(), secrets: secrets)
        savedVersion = version
    }

    private func snapshot() -> CloudSnapshot {
        CloudSnapshot(
            nextNumber: nextNumber,
            switches: products.filter(\.value.switchWasSet).mapValues(\.registrationSwitch),
            devices: devices.values.sorted { $0.number < $1.number }
        )
    }
}
