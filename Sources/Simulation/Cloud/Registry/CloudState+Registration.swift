extension CloudState {
    /// A registration request, from either channel.
    struct RegistrationRequest: Sendable {
        let productKey: String
        let deviceName: String
        let random: String
        let signMethod: String
        /// Hexadecimal, either case.
        let signature: String
    }

    /// Registers a pre-registered device: returns the DeviceSecret that is valid from now on.
    ///
    /// Before the first normal connection each call issues a new secret and the earlier one dies; after it, the call is
    /// refused until ResetThing. The signature is looked at before anything is told about the product.
    func register(_ request: RegistrationRequest) throws(RegistrationRefusal) -> String {
        _ = try product(of: request)
        let key = DeviceKey(product: request.productKey, name: request.deviceName)
        guard let device = devices[key] else { throw .unknownDevice }
        guard !device.isDisabled else { throw .disabled }
        guard device.registrationOpen else { throw .alreadyActive }
        guard !device.keepsSecret else { return device.secret }
        let secret = newSecret()
        update(key) { device in
            device.secret = secret
            device.modified = CloudTime.now()
        }
        return secret
    }

    /// Registers without pre-registration: returns a credential of its own for this physical device.
    ///
    /// The device is made where its name does not exist. Activation does not end it, only the fifth ClientID does;
    /// because all of this is one step of the state, there are never six, whatever comes at once.
    func registerWithoutList(_ request: RegistrationRequest) throws(RegistrationRefusal) -> ClientCredential {
        let product = try product(of: request)
        guard configuration.behaviour.noPreregistration, product.noPreregistration else { throw .notServed }
        guard Self.isDeviceName(request.deviceName) else { throw .malformed }
        let key = DeviceKey(product: request.productKey, name: request.deviceName)
        if let device = devices[key] {
            guard !device.isDisabled else { throw .disabled }
            guard device.clients.count < ClientCredential.maximumPerDevice else { throw .tooManyClients }
        } else {
            guard hasRoom(in: product) else { throw .tooManyDevices }
            _ = create(BatchJob.Entry(name: key.name), in: key.product)
            _ = countConnect(key)
        }
        let client = ClientCredential(
            id: RandomText.alphanumeric(20) + "000100", token: newSecret(), created: CloudTime.now())
        update(key) { device in
            device.clients.append(client)
            device.modified = client.created
        }
        return client
    }

    /// What both kinds of registration check first: product, signature, switch, in this order, so that nobody without
    /// the ProductSecret learns where the switch stands.
    private func product(of request: RegistrationRequest) throws(RegistrationRefusal) -> CloudProduct {
        guard let product = products[request.productKey] else { throw .unknownProduct }
        guard let method = WireSignature.Method(name: request.signMethod) else { throw .signMethod }
        let content = WireSignature.registrationContent(
            productKey: request.productKey, deviceName: request.deviceName, random: request.random)
        guard WireSignature.verify(hex: request.signature, of: content, key: product.secret, method: method) else {
            throw .wrongSignature
        }
        guard product.registrationSwitch else { throw .switchOff }
        return product
    }

    /// ResetThing: opens dynamic registration again. Status and activation time stay ("ResetThing": the device does not
    /// go back to UNACTIVE). Whether the secret stays is a setting, since the platform's pages disagree.
    func reset(_ key: DeviceKey) {
        let rotates = configuration.behaviour.resetRotatesSecret
        update(key) { device in
            if !device.registrationOpen { device.keepsSecret = !rotates }
            device.registrationOpen = true
            device.modified = CloudTime.now()
        }
    }

    /// Whether one more connection attempt of a known device is within the configured connects a minute; counts it.
    func countConnect(_ key: DeviceKey, now: ContinuousClock.Instant = .now) -> Bool {
        let limit = configuration.behaviour.connectsPerMinute
        guard limit > 0, devices[key] != nil else { return true }
        var recent = (connects[key] ?? []).filter { now - $0 < .seconds(60) }
        defer { connects[key] = recent }
        guard recent.count < limit else { return false }
        recent.append(now)
        return true
    }
}
