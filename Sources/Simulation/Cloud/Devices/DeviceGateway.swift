import Logging
import MQTT
import NIOCore

/// The platform's MQTT door: tells registrations from device connections and answers their CONNECT.
///
/// Every refused registration is CONNACK 4 and a malformed one 2; a refused device is CONNACK 5. The true reason goes
/// to the stand-in's own log alone, as on the platform.
struct DeviceGateway: Sendable {
    let state: CloudState
    let faults: FaultSwitches
    let calls: CallFaults
    let behaviour: CloudConfiguration.Behaviour
    let logger: Logger

    /// Keep-alive that a device may ask for, seconds ("MQTT-TLS connection").
    static let keepAlive: ClosedRange<UInt16> = 30...1200

    /// Serves one peer until its connection ends.
    func serve(_ peer: Peer) async {
        let fault = faults.drawConnection()
        try? await Task.sleep(for: faults.latency)
        if fault == .cutBeforeAnswer { return }
        let parameters: ConnectParameters
        do {
            parameters = try ConnectParameters(peer.connect, isTLS: peer.isTLS)
        } catch {
            await note("mqtt connect", nil, error.reason)
            return await refuse(peer, error.code)
        }
        let key = DeviceKey(product: parameters.productKey, name: parameters.deviceName)
        let isInTime = await state.countConnect(key)
        let met = calls.meet(parameters.mode.call)
        switch met?.fault {
        case .tooMany, .throttled, .internalError, .unavailable: return await refuse(peer, 3)
        case .closed: return
        case .lateCall: if let met { await calls.hold(met) }
        default: break
        }
        let credential: CloudState.ConnectionProof.Credential
        switch parameters.mode {
        case .register(let random, let method), .registerWithoutList(let random, let method):
            guard isInTime else {
                await note("mqtt register", key, "too many connects a minute")
                return await refuse(peer, 4)
            }
            let request = CloudState.RegistrationRequest(
                productKey: key.product, deviceName: key.name, random: random, signMethod: method,
                signature: parameters.password)
            return await register(peer, request, parameters, fault, met)
        case .device(let method, let timestamp):
            let content = WireSignature.connectionContent(
                id: parameters.id, productKey: key.product, deviceName: key.name, timestamp: timestamp)
            credential = .signature(parameters.password, of: content, method: method)
        case .deviceToken:
            credential = .token(parameters.password, clientID: parameters.id)
        }
        guard isInTime else {
            await note("mqtt connect", key, "too many connects a minute")
            return await refuse(peer, 3)
        }
        let proof = CloudState.ConnectionProof(
            productKey: key.product, deviceName: key.name, credential: credential, address: Self.host(of: peer))
        await connect(peer, proof, parameters, fault, met)
    }

    // MARK: - Registration

    private func register(
        _ peer: Peer, _ request: CloudState.RegistrationRequest, _ parameters: ConnectParameters,
        _ fault: FaultSwitches.ConnectionFault, _ met: CallFaults.Met?
    ) async {
        let key = DeviceKey(product: request.productKey, name: request.deviceName)
        do {
            if let instance = parameters.instanceID, let product = await state.products[key.product],
                product.instanceID != instance
            {
                throw RegistrationRefusal.unknownProduct
            }
            let (topic, payload) = try await issue(request, parameters.mode)
            try await state.commit()
            calls.carriedOut(parameters.mode.call)
            if await isLost(met) { return }
            try await peer.send(.connack(sessionPresent: false, code: 0))
            if fault == .cutAfterAnswer || met?.fault == .truncated { return }
            if let met, met.fault == .silence { return await calls.hold(met) }
            // Pushed without a subscription; the C SDK compares the whole topic and reads the compact text.
            try await peer.send(
                .publish(.init(topic: topic, payload: ByteBuffer(string: Self.spoilt(payload.text, met)))))
            logger.info("\(topic) of \(key): credential issued")
            await drain(peer)
        } catch let refusal as RegistrationRefusal {
            await note("mqtt register", key, "\(refusal.rawValue) \(refusal.message)")
            await refuse(peer, 4)
        } catch is ConnectionError {
            logger.info("mqtt register of \(key): the device left before its credential")
        } catch {
            logger.error("mqtt register of \(key) not carried out: \(error)")
            await refuse(peer, 3)
        }
    }

    /// Carries a registration out and returns what is to be pushed.
    private func issue(
        _ request: CloudState.RegistrationRequest, _ mode: ConnectParameters.Mode
    ) async throws -> (topic: String, payload: CloudJSON) {
        let (product, name) = (CloudJSON.string(request.productKey), CloudJSON.string(request.deviceName))
        guard case .registerWithoutList = mode else {
            let secret = try await state.register(request)
            return ("/ext/register", ["deviceSecret": .string(secret), "productKey": product, "deviceName": name])
        }
        let client = try await state.registerWithoutList(request)
        return (
            "/ext/regnwl",
            [
                "clientId": .string(client.id), "productKey": product, "deviceName": name,
                "deviceToken": .string(client.token),
            ]
        )
    }

    /// Waits for the device to leave a registration connection; closes it at the set age.
    private func drain(_ peer: Peer) async {
        let age = Duration.seconds(behaviour.registrationCloseSeconds)
        await withTaskGroup { group in
            group.addTask {
                try? await Task.sleep(for: age)
                peer.close()
            }
            for await packet in peer.inbound {
                switch packet {
                case .disconnect: peer.close()
                case .pingreq: try? await peer.send(.pingresp)
                case .subscribe(let id, let wanted):
                    try? await peer.send(.suback(id: id, codes: wanted.map(\.qos.rawValue)))
                case .publish(let message):
                    if let id = message.id { try? await peer.send(.puback(id: id)) }
                default: break
                }
            }
            group.cancelAll()
        }
    }

    // MARK: - Device connections

    private func connect(
        _ peer: Peer, _ proof: CloudState.ConnectionProof, _ parameters: ConnectParameters,
        _ fault: FaultSwitches.ConnectionFault, _ met: CallFaults.Met?
    ) async {
        let key = DeviceKey(product: proof.productKey, name: proof.deviceName)
        guard !behaviour.checkKeepAlive || Self.keepAlive.contains(peer.connect.keepAlive) else {
            await note("mqtt connect", key, "keep-alive \(peer.connect.keepAlive) s is not within 30…1200 s")
            return await refuse(peer, 2)
        }
        let admission = await state.admit(proof, close: { peer.close() })
        guard case .accepted(let session, let evicted) = admission else {
            if case .refused(let reason) = admission { await note("mqtt connect", key, reason) }
            return await refuse(peer, 5)
        }
        if let evicted {
            logger.info("\(key): a newer connection takes the place of an older one")
            evicted.close()
        }
        do {
            try await state.commit()
            calls.carriedOut(parameters.mode.call)
            if await isLost(met) { return await state.leave(key, identity: proof.identity, session: session) }
            try await peer.send(.connack(sessionPresent: false, code: 0))
            if let met, met.fault == .silence { await calls.hold(met) }
            if fault != .cutAfterAnswer, met?.fault.spoilsAnswer != true {
                var life = PlatformSession(
                    peer: peer, key: key, state: state, logger: logger, answersAlways: parameters.subscribesBySystem)
                await life.run()
            }
        } catch is ConnectionError {
            logger.info("mqtt connect of \(key): the device left before its answer")
        } catch {
            logger.error("mqtt connect of \(key) not carried out: \(error)")
            await refuse(peer, 3)
        }
        await state.leave(key, identity: proof.identity, session: session)
    }

    /// Whether the answer to what was carried out never comes; an answer that is held has come when this returns.
    private func isLost(_ met: CallFaults.Met?) async -> Bool {
        guard let met else { return false }
        if met.fault == .lateReply { await calls.hold(met) }
        return met.fault == .lostReply || met.fault == .reset
    }

    private static func spoilt(_ text: String, _ met: CallFaults.Met?) -> String {
        switch met?.fault {
        case .half: String(text.prefix(text.count / 2))
        case .garbage: "<html></html>"
        default: text
        }
    }

    /// The address without its port, as the platform shows it.
    private static func host(of peer: Peer) -> String {
        peer.remoteAddress.lastIndex(of: ":").map { String(peer.remoteAddress[..<$0]) } ?? peer.remoteAddress
    }

    private func refuse(_ peer: Peer, _ code: UInt8) async {
        try? await peer.send(.connack(sessionPresent: false, code: code))
    }

    private func note(_ channel: String, _ key: DeviceKey?, _ reason: String) async {
        await state.note(
            CloudRefusal(
                time: CloudTime.now(), channel: channel, product: String((key?.product ?? "?").prefix(64)),
                device: String((key?.name ?? "?").prefix(64)), reason: reason))
    }
}

extension ConnectParameters.Mode {
    /// The kind of call, by which it is given faults.
    fileprivate var call: String {
        switch self {
        case .register, .registerWithoutList: CallFaults.Other.registerMQTT
        case .device, .deviceToken: CallFaults.Other.connectMQTT
        }
    }
}

extension CloudFault {
    /// Whether a device connection ends right after it was accepted.
    fileprivate var spoilsAnswer: Bool {
        switch self {
        case .silence, .truncated, .half, .garbage: true
        default: false
        }
    }
}
