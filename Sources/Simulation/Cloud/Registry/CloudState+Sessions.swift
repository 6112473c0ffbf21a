extension CloudState {
    /// What a device shows at a normal connection.
    struct ConnectionProof: Sendable {
        enum Credential: Sendable {
            /// A device certificate: the text that was signed and the HMAC over it, hexadecimal in either case.
            case signature(String, of: String, method: WireSignature.Method)
            /// No pre-registration: the ClientID and the DeviceToken as they were issued.
            case token(String, clientID: String)
        }

        let productKey: String
        let deviceName: String
        let credential: Credential
        /// Address the connection comes from, for QueryDeviceDetail.
        let address: String

        /// One session at a time for each of these: the ClientID, or empty for the device's own certificate.
        var identity: String {
            switch credential {
            case .signature: ""
            case .token(_, let clientID): clientID
            }
        }
    }

    enum Admission: Sendable {
        /// Let in under this session number; the session it takes the place of is to be closed.
        case accepted(session: UInt64, evicted: LiveSession?)
        /// Not let in; the reason is for the stand-in's own log.
        case refused(reason: String)
    }

    /// Lets a device in: checks its signature against the secret last issued or its token against the one issued to
    /// its ClientID, records the connection, and, the first time, its activation, from which on dynamic registration of
    /// the pre-registered kind is refused. The older session of the same identity loses its place; devices that share a
    /// DeviceName under ClientIDs of their own do not.
    func admit(_ proof: ConnectionProof, close: @escaping @Sendable () -> Void) -> Admission {
        let key = DeviceKey(product: proof.productKey, name: proof.deviceName)
        guard products[key.product] != nil else { return .refused(reason: "unknown product") }
        guard let device = devices[key] else { return .refused(reason: "unknown device") }
        if let reason = Self.flaw(of: proof.credential, device) { return .refused(reason: reason) }
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
        let evicted = sessions[key, default: [:]].updateValue(session, forKey: proof.identity)
        return .accepted(session: session.number, evicted: evicted)
    }

    private static func flaw(of credential: ConnectionProof.Credential, _ device: CloudDevice) -> String? {
        switch credential {
        case .signature(let signature, let content, let method):
            let fits = WireSignature.verify(hex: signature, of: content, key: device.secret, method: method)
            return fits ? nil : "signature does not fit the DeviceSecret last issued"
        case .token(let token, let clientID):
            guard let client = device.clients.first(where: { $0.id == clientID }) else {
                return "ClientID was never issued, or is switched or cleared away"
            }
            return WireSignature.isSame(client.token, token) ? nil : "DeviceToken is not the one of this ClientID"
        }
    }

    /// Ends a session, unless another one has taken its place meanwhile.
    func leave(_ key: DeviceKey, identity: String, session: UInt64) {
        guard sessions[key]?[identity]?.number == session else { return }
        _ = close(identity, of: key)
    }

    /// Takes one session out, to be closed. With the last one the device is offline.
    private func close(_ identity: String, of key: DeviceKey) -> LiveSession? {
        guard let session = sessions[key]?.removeValue(forKey: identity) else { return nil }
        guard sessions[key]?.isEmpty == true else { return session }
        sessions[key] = nil
        update(key) { device in device.changed = max(CloudTime.now(), device.changed) }
        return session
    }

    /// Takes all sessions out, to be closed: an outage begins.
    func dropAllSessions() -> [LiveSession] {
        let all = sessions.values.flatMap(\.values)
        for key in sessions.keys { update(key) { device in device.changed = max(CloudTime.now(), device.changed) } }
        sessions = [:]
        return all
    }

    /// Stores the version a device informs through the OTA topic.
    func setFirmwareVersion(_ version: String, of key: DeviceKey) {
        update(key) { device in device.firmwareVersion = version }
    }

    /// Adds tags to a device; false, and nothing is changed, where it would have more than 100.
    func setTags(_ tags: [String: String], of key: DeviceKey) -> Bool {
        guard let merged = devices[key]?.tags.merging(tags, uniquingKeysWith: { $1 }), merged.count <= 100 else {
            return false
        }
        update(key) { device in (device.tags, device.modified) = (merged, CloudTime.now()) }
        return true
    }

    /// DisableThing and EnableThing. A disabled device loses its sessions, which are returned to be closed.
    func setDisabled(_ disabled: Bool, _ key: DeviceKey) -> [LiveSession] {
        update(key) { device in
            device.isDisabled = disabled
            (device.modified, device.changed) = (CloudTime.now(), CloudTime.now())
        }
        return disabled ? sessions.removeValue(forKey: key).map { Array($0.values) } ?? [] : []
    }

    /// TransformClientId and DeleteClientIds: only `kept` stays valid, all where it is `nil`. The sessions of the
    /// ClientIDs that end are returned to be closed.
    func keepClient(_ kept: String?, of key: DeviceKey) -> [LiveSession] {
        let ended = (devices[key]?.clients ?? []).map(\.id).filter { $0 != kept }
        guard !ended.isEmpty else { return [] }
        update(key) { device in
            device.clients.removeAll { $0.id != kept }
            device.modified = CloudTime.now()
        }
        return ended.compactMap { close($0, of: key) }
    }
}
