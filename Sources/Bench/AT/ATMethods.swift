import Provisioning

/// Asks a module's running firmware over AT commands who it is.
struct ATReader: ApplicationReading {
    let commands: ATIdentityCommands
    /// What the profile calls the module: what it calls itself may change with its firmware.
    let chip: String

    func read(_ link: any BoardLink, within limit: Duration) throws(LoaderError) -> BoardReading {
        let deadline = ContinuousClock.now + limit
        let session = ATSession(link: link)
        // Each try takes 300 ms; a module that boots answers late.
        try session.open(tries: max(3, Int(limit / .milliseconds(300))))
        while true {
            do throws(LoaderError) {
                var board = try ATIdentity.read(commands, from: session).board
                board.chip = chip
                return board
            } catch {
                // A SIM card that is still starting is told as absent or busy. Source: 3GPP TS 27.007, section 9.2.1.
                let isStarting = ["CME ERROR: 10", "CME ERROR: 13", "CME ERROR: 14"].contains {
                    error.sentence.contains($0) || error.received?.contains($0) == true
                }
                guard isStarting, ContinuousClock.now < deadline else { throw error }
            }
            do { try link.pause(.milliseconds(500)) } catch { throw LoaderError(error) }
        }
    }
}

/// Hands the product credential to a module over AT commands, and has it read back or proved by a digest.
struct ATCredentialMethod: ApplicationCredential {
    let method: ATCredential

    func write(_ link: any BoardLink, _ credential: ProductCredential) throws(LoaderError) -> Bool {
        let session = ATSession(link: link)
        try session.open()
        let writer = ATCredentialWriter(
            session: session, method: method, productKey: credential.productKey,
            productSecret: credential.productSecret)
        return try writer.write().written
    }
}

/// Writes a module's partitions in its running firmware, by AT+SYSFLASH.
struct ATFlashOpening: LoaderOpening {
    let commands: ATIdentityCommands

    var usesPort: Bool { true }

    func open(_ link: (any BoardLink)?) throws(LoaderError) -> any BoardLoader {
        guard let link else { throw LoaderError(.portUnavailable, "the board's port is not open") }
        let session = ATSession(link: link)
        try session.open()
        return ATFlashLoader(session: session, identity: commands)
    }
}

extension ATIdentityCommands {
    /// As a board profile names them.
    init(_ rule: BoardProfile.IdentityReading) throws(BoardMethod.MethodError) {
        let identity: Identity
        switch rule.kind {
        case .mac: identity = .mac(command: rule.command ?? "AT+CIPSTAMAC?")
        case .imei: identity = .imei(command: rule.command ?? "AT+CGSN=1")
        case .sn, .iccid:
            guard let command = rule.command, let answer = rule.answer else {
                throw BoardMethod.MethodError(
                    description: "identity.command and identity.answer are missing: a module has no usual command for "
                        + "a \(rule.kind.rawValue)")
            }
            identity = .sn(command: command, pattern: answer)
        }
        let isESP = rule.kind == .mac
        self.init(
            identity: identity, iccidCommand: rule.iccidCommand, serialCommand: rule.uidCommand,
            modelCommand: isESP ? "AT+GMR" : "AT+CGMM", firmwareCommand: isESP ? "AT+GMR" : "AT+CGMR")
    }
}
