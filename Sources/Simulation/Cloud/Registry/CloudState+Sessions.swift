extension CloudState {
    /// What a device shows at a normal connection.
    struct ConnectionProof: Sendable {
        let productKey: String
        let deviceName: String
        /// The text that was signed and the HMAC over it, hexadecimal in either case.
        let content: String
        let signature: String
        let method: WireSignature.Method
        /// Address the connection comes from, for QueryDeviceDetail.
        let address: String
    }

    enum Admission: Sendable {
        /// Let in under this session number; the session it takes the place of is to be closed.
        case accepted(session: UInt64, evicted: LiveSession?)
        /// Not let in; the reason is for the stand-in's own log.
        case refused(reason: String)
    }

    /// Lets a device in: checks its signature against the secret last issued, records the connection, and, the first
    /// time, its activation, from which on dynamic registration is refused. The older session of the same identity
    /// loses its place.
    func admit(_ proof: ConnectionProof, close: @escaping @Sendable () -> Void) -> Admission {
        let key = DeviceKey(product: proof.productKey, name: proof.deviceName)
        guard products[key.product] != nil else { return .refused(reason: "unknown product") }
        guard let device = devices[key] else { return .refused(reason: "unknown device") }
        guard WireSignature.verify(hex: proof.signature, of: proof.content, key: device.secret, method: proof.method)
        else { return .refused(reason: "signature does not fit the DeviceSecret last issued") }
        guard !device.isDisabled else { return .refused(reason: "device is disabled") }
        let now = CloudTime.now()
        update(key) { device in
            let online = device.nextOnline(now: now)
            if device.activated == nil { device.activated = online }
            device.lastOnline = online
            device.changed = online
            (device.registrationOpen, device.keepsSecret) = (false, false)
            device.address = proof.address
        }
        let session = LiveSession(number: nextSession, close: close)
        nextSession += 1
        let evicted = sessions.updateValue(session, forKey: key)
        return .accepted(session: session.number, evicted: evicted)
    }

    /// Ends a session, unless another one has taken its place meanwhile.
    func leave(_ key: DeviceKey, session: UInt64) {
        guard sessions[key]?.number == session else { return }
        sessions[key] = nil
        update(key) { device in device.changed = max(CloudTime.now(), device.changed) }
    }

    /// Takes all sessions out, to be closed: an outage begins.
    func dropAllSessions() -> [LiveSession] {
        let all = Array(sessions.values)
        for key in sessions.keys { update(key) { device in device.changed = max(CloudTime.now(), device.changed) } }
        sessions = [:]
        return all
    }

    /// Stores the version a device informs through the OTA topic.
    func setFirmwareVersion(_ version: String, of key: DeviceKey) {
        update(key) { device in device.firmwareVersion = version }
    }

    /// DisableThing and EnableThing. A disabled device loses its session, which is returned to be closed.
    func setDisabled(_ disabled: Bool, _ key: DeviceKey) -> LiveSession? {
        update(key) { device in
            device.isDisabled = disabled
            (device.modified, device.changed) = (CloudTime.now(), CloudTime.now())
        }
        return disabled ? sessions.removeValue(forKey: key) : nil
    }
}
