import Foundation

/// The loopback door by which tests and the demo drive a running stand-in. It is no part of the platform.
///
/// `POST /switch?product=PK&state=on|off`, `POST /age?product=PK&hours=N` (its devices were made N hours earlier), `GET /faults`, `POST /faults` (JSON, only what is to change),
/// `GET /calls` (how often each kind of call was carried out), `GET /devices`, `GET /refusals`. Nothing it answers holds a secret.
struct AdminEndpoint: Sendable {
    let state: CloudState
    let faults: FaultSwitches
    let calls: CallFaults

    func answer(_ request: WebRequest) async -> WebAnswer {
        switch (request.method, request.path) {
        case ("POST", "/switch"): await turnSwitch(request)
        case ("POST", "/age"): await age(request)
        case ("GET", "/faults"): encoded(FaultSettings(faults.positions, calls.faults))
        case ("GET", "/calls"): encoded(calls.counts)
        case ("POST", "/faults"): await setFaults(request)
        case ("GET", "/devices"): encoded(await state.listedDevices())
        case ("GET", "/refusals"): encoded(await state.listedRefusals())
        default: Self.problem(404, "no \(request.method) \(request.path.prefix(64)) at this door")
        }
    }

    private func turnSwitch(_ request: WebRequest) async -> WebAnswer {
        var values: [String: String] = [:]
        for (name, value) in FormParameters.parse(request.query) { values[name] = value }
        guard let product = values["product"], let position = values["state"], ["on", "off"].contains(position) else {
            return Self.problem(400, "give product=PRODUCTKEY and state=on or state=off")
        }
        guard await state.setSwitch(product: product, on: position == "on") else {
            return Self.problem(404, "no product \(product.prefix(64)) in this stand-in")
        }
        do { try await state.commit() } catch { return Self.problem(500, "\(error)") }
        return WebAnswer(
            status: 200, ["product": .string(product), "dynamic_registration": .bool(position == "on")])
    }

    private func age(_ request: WebRequest) async -> WebAnswer {
        var values: [String: String] = [:]
        for (name, value) in FormParameters.parse(request.query) { values[name] = value }
        guard let product = values["product"], let hours = values["hours"].flatMap({ Int64($0) }),
            (1...100_000).contains(hours)
        else { return Self.problem(400, "give product=PRODUCTKEY and hours=1 to 100000") }
        let count = await state.age(product: product, hours: hours)
        do { try await state.commit() } catch { return Self.problem(500, "\(error)") }
        return WebAnswer(status: 200, ["product": .string(product), "devices": .integer(Int64(count))])
    }

    private func setFaults(_ request: WebRequest) async -> WebAnswer {
        let settings: FaultSettings
        do {
            settings = try JSONDecoder().decode(FaultSettings.self, from: Data(request.body))
        } catch {
            return Self.problem(400, "the body is not a JSON object of positions, or names a fault that there is not")
        }
        guard settings.problems.isEmpty else { return Self.problem(400, settings.problems.joined(separator: "; ")) }
        faults.set { positions in
            positions.latencyMilliseconds = settings.latencyMilliseconds ?? positions.latencyMilliseconds
            positions.errorRate = settings.errorRate ?? positions.errorRate
            positions.lostReplyRate = settings.lostReplyRate ?? positions.lostReplyRate
            positions.throttleRate = settings.throttleRate ?? positions.throttleRate
            positions.dropMQTTRate = settings.dropMQTTRate ?? positions.dropMQTTRate
            positions.outageSeconds = settings.outageSeconds ?? positions.outageSeconds
        }
        if let wanted = settings.calls { calls.set(wanted) }
        if faults.isOutage {
            for session in await state.dropAllSessions() { session.close() }
        }
        return encoded(FaultSettings(faults.positions, calls.faults))
    }

    private func encoded(_ value: some Encodable) -> WebAnswer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(value) else { return Self.problem(500, "the answer cannot be written") }
        var answer = WebAnswer(status: 200, .null)
        answer.body = String(decoding: data, as: UTF8.self)
        return answer
    }

    private static func problem(_ status: Int, _ sentence: String) -> WebAnswer {
        WebAnswer(status: status, ["error": .string(sentence)])
    }
}

extension CloudState {
    /// Lets a product's devices have been made that many hours earlier.
    /// - Returns: how many there are.
    func age(product: String, hours: Int64) -> Int {
        let keys = devices.keys.filter { $0.product == product }
        for key in keys { update(key) { $0.created -= hours * 3_600_000 } }
        return keys.count
    }

    /// All devices in the order of their creation, without secrets.
    func listedDevices() -> [ListedDevice] {
        devices.values.sorted { $0.number < $1.number }.map { device in
            ListedDevice(
                productKey: device.key.product, deviceName: device.key.name, iotID: device.iotID,
                status: life(of: device).rawValue, created: CloudTime.utc(device.created),
                activated: device.activated.map(CloudTime.utc), lastOnline: device.lastOnline.map(CloudTime.utc),
                firmwareVersion: device.firmwareVersion, registrationOpen: device.registrationOpen,
                clientIDs: device.clients.map(\.id))
        }
    }

    /// The last refusals, oldest first, at most 200.
    func listedRefusals() -> [ListedRefusal] {
        refusals.map { refusal in
            ListedRefusal(
                time: CloudTime.utc(refusal.time), channel: refusal.channel, product: refusal.product,
                device: refusal.device, reason: refusal.reason)
        }
    }
}
