import BoardProtocols
import Provisioning

/// Opens MCUboot's serial recovery on the board's port.
struct SMPOpening: LoaderOpening {
    var usesPort: Bool { true }

    func open(_ link: (any BoardLink)?) throws(LoaderError) -> any BoardLoader {
        guard let link else { throw LoaderError(.portUnavailable, "the board's port is not open") }
        let loader = SMPLoader(session: SMPSession(link: link))
        try loader.connect()
        return loader
    }
}

/// Asks a running application over SMP who it is.
struct SMPReader: ApplicationReading {
    let identity: SMPIdentity

    func read(_ link: any BoardLink, within limit: Duration) throws(LoaderError) -> BoardReading {
        let deadline = ContinuousClock.now + limit
        while true {
            do throws(LoaderError) {
                let session = SMPSession(link: link)
                try session.connect(tries: 2)
                return try identity.read(session)
            } catch {
                // An application that boots answers later.
                guard [.noResponse, .noise].contains(error.kind), ContinuousClock.now < deadline else { throw error }
            }
        }
    }
}

/// Hands the product credential to a running application as settings.
struct SMPSettingsCredential: ApplicationCredential {
    let keyName: String
    let secretName: String

    func write(_ link: any BoardLink, _ credential: ProductCredential) throws(LoaderError) -> Bool {
        let session = SMPSession(link: link)
        try session.connect(tries: 3)
        return try SMPCredential(
            productKey: credential.productKey, productSecret: credential.productSecret, keyName: keyName,
            secretName: secretName
        ).write(session)
    }
}

/// The unit tag as a setting of the running application.
struct SMPSettingsTag: ApplicationTag {
    let name: String

    func read(_ link: any BoardLink) throws(LoaderError) -> String? {
        try read(try session(link))
    }

    func write(_ link: any BoardLink, _ tag: String) throws(LoaderError) {
        let session = try session(link)
        guard try read(session) != tag else { return }
        try session.save([(name, Array(tag.utf8))])
        guard try read(session) == tag else {
            throw LoaderError(.verifyMismatch, "setting \(name), the unit tag, does not read back as written")
        }
    }

    private func session(_ link: any BoardLink) throws(LoaderError) -> SMPSession {
        let session = SMPSession(link: link)
        try session.connect(tries: 3)
        return session
    }

    /// Frames carry a check value: one reading will do.
    private func read(_ session: SMPSession) throws(LoaderError) -> String? {
        try session.readSetting(name).flatMap(UnitTag.text)
    }
}
