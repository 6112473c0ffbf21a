import AliyunIoT
import Journal
import Provisioning

/// Pages the products' devices and alarms what no record explains: the ProductSecret is in every board, so whoever has it
/// can register devices of his own while the switch is on.
///
/// ```
/// the cloud's devices, page by page ─► journal: claimed? listed? in the baseline? ─► alarm record, once
/// ```
/// It asks with the priority of a watch: boards on slots and a leader's workflows come first.
public struct LeakWatch: Sendable {
    private let parts: LineParts
    /// Activation times that were found within their order's window, by IotId.
    private let settled = SettledDevices()

    init(_ parts: LineParts) { self.parts = parts }

    /// Polls until cancelled; journal faults end it.
    func run() async throws {
        while !Task.isCancelled {
            for (product, mode) in try await products() {
                do {
                    try await poll(product, mode)
                } catch let error as CloudError {
                    parts.events.send(.notice("leak watch of \(product): \(error)"))
                } catch is CancellationError { return }
            }
            try? await Task.sleep(for: parts.settings.watchInterval)
        }
    }

    /// The products of all orders, whose devices may still be on their way to the customer.
    private func products() async throws -> [(String, RegistrationMode)] {
        var found: [(String, RegistrationMode)] = []
        for order in try await parts.journal.orders()
        where order.state != .draft && !found.contains(where: { $0.0 == order.productKey }) {
            found.append((order.productKey, order.registration))
        }
        return found
    }

    /// Looks at every device of a product once.
    func poll(_ product: String, _ mode: RegistrationMode) async throws {
        var page: [ListedDevice] = []
        for try await device in parts.desk.api.devices(productKey: product, priority: .watch) {
            page.append(device)
            if page.count == OpenAPIClient.devicesPerPage {
                try await judge(page, product, mode)
                page = []
            }
        }
        try await judge(page, product, mode)
    }

    private func judge(_ devices: [ListedDevice], _ product: String, _ mode: RegistrationMode) async throws {
        guard !devices.isEmpty else { return }
        let known = try await parts.journal.watched(productKey: product, names: devices.map(\.deviceName))
        for (device, record) in zip(devices, known) {
            if let (kind, sentence) = LeakRule.judge(device, record, mode: mode) {
                try await alarm(device, product, kind, sentence, activatedAt: nil)
            } else if let window = record.window, device.state?.isActive == true, settled.isNew(device.iotID) {
                try await judge(device, product, window)
            }
        }
    }

    /// The activation time stands in the device's own record alone.
    private func judge(_ device: ListedDevice, _ product: String, _ window: ProductionWindow) async throws {
        guard
            let reading = try await parts.desk.api.queryDeviceDetail(iotID: device.iotID, priority: .watch),
            let activated = reading.activatedAt
        else { return }
        if window.contains(activated) { return settled.note(device.iotID) }
        try await alarm(
            device, product, "active-outside-window", "it became active at \(activated), expected within \(window)",
            activatedAt: activated)
    }

    private func alarm(
        _ device: ListedDevice, _ product: String, _ kind: String, _ sentence: String, activatedAt: String?
    ) async throws {
        let raised = try await parts.journal.raiseAlarm(
            productKey: product, deviceName: device.deviceName, kind: kind,
            details: [
                "iot_id": .string(device.iotID), "state": .init(device.state?.rawValue),
                "created_at": .init(device.createdAt), "activated_at": .init(activatedAt),
                "sentence": .string(sentence),
            ], actor: parts.settings.actor)
        guard let raised else { return }
        let entry = FailureCode.leak.entry
        parts.events.send(
            .notice(
                "ALARM \(raised.id) \(entry.code): \(device.deviceName) of \(product): \(sentence). To stop it: console, "
                    + "product \(product), switch dynamic registration off (动态注册). \(entry.zh.happened)。\(entry.zh.help)。",
                zh:
                    "警报 \(raised.id) \(entry.code)：\(product) 的 \(device.deviceName)：\(entry.zh.happened)。\(entry.zh.help)。"
            ))
    }
}
