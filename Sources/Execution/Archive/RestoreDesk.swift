import AliyunIoT
import Journal
import Provisioning

/// Settles what a restored journal, or one that is behind its witness, has lost: every product of every order is paged, and
/// each device that the journal does not know is taken over by an order or explained.
struct RestoreDesk {
    let context: CommandContext

    private var journal: Journal { context.journal }

    /// What holds production, and the cloud's devices that the journal does not know.
    func list() async throws -> (hold: ProductionHold, devices: [UnknownDevice]) {
        guard let hold = try await journal.productionHold() else {
            throw refusal("nothing holds production: there is nothing to settle")
        }
        guard let api = context.desk?.api else { throw refusal("no cloud is configured") }
        var unknown: [UnknownDevice] = []
        for product in Set(try await journal.orders().map(\.productKey)).sorted() {
            var page: [UnknownDevice] = []
            for try await device in api.devices(productKey: product, priority: .workflow) {
                guard device.deviceName != CloudDesk.probeName else { continue }
                page.append(
                    UnknownDevice(
                        productKey: product, deviceName: device.deviceName, iotID: device.iotID,
                        state: device.state?.rawValue, createdAt: device.createdAt))
                guard page.count == OpenAPIClient.devicesPerPage else { continue }
                unknown += try await journal.unknown(productKey: product, devices: page)
                page = []
            }
            if !page.isEmpty { unknown += try await journal.unknown(productKey: product, devices: page) }
        }
        return (hold, unknown)
    }

    /// Counts or explains every device of the list, and lets production go on.
    /// - Parameters:
    ///   - taken: the order of single devices, by DeviceName.
    ///   - rest: the order of all other devices of its product; nil = none may be left.
    ///   - explained: DeviceNames that are not this station's work.
    func settle(
        taken: [String: String], rest: String?, explained: [String], reason: String
    ) async throws -> JSONValue {
        guard !reason.allSatisfy(\.isWhitespace) else { throw refusal("give a reason") }
        let (hold, devices) = try await list()
        let orders = try await journal.orders()
        let known = Set(devices.map { $0.deviceName.lowercased() })
        if let stranger = (Array(taken.keys) + explained).first(where: { !known.contains($0.lowercased()) }) {
            throw refusal("\(stranger) is no device that the journal does not know; `station restore list` shows them")
        }
        let explained = Set(explained.map { $0.lowercased() })
        let single = Dictionary(taken.map { ($0.key.lowercased(), $0.value) }) { first, _ in first }
        var (counted, told, left): ([(UnknownDevice, String)], [UnknownDevice], [UnknownDevice]) = ([], [], [])
        for device in devices {
            let name = device.deviceName.lowercased()
            let wide = orders.first { $0.id == rest && $0.productKey == device.productKey }?.id
            if explained.contains(name) {
                told.append(device)
            } else if let order = single[name] ?? wide {
                counted.append((device, order))
            } else {
                left.append(device)
            }
        }
        guard left.isEmpty else {
            let names = left.prefix(20).map(\.deviceName).joined(separator: ", ")
            throw refusal(
                "\(left.count) devices are in the cloud and not in the journal, and nobody has said whose they are: \(names)"
                    + "\(left.count > 20 ? ", …" : ""). Count them to an order (--take-over ORDER, or NAME=ORDER), or "
                    + "explain them (--explain NAME)")
        }
        try await journal.settleHold(hold, taken: counted, explained: told, reason: reason, actor: context.actor)
        return [
            "cause": .string(hold.cause.rawValue), "taken_over": .init(counted.count), "explained": .init(told.count),
        ]
    }

    private func refusal(_ sentence: String) -> StationCommand.CommandError { .init(description: sentence) }
}
