import BoardProtocols
public import Provisioning

extension BoardMethod {
    /// What a method must know of the slot it works on.
    public struct SlotFacts: Sendable {
        /// Fills `{slot}` in the arguments of an external flasher.
        public let name: String
        /// The board's serial port as the configuration names it; fills `{port}`.
        public let port: String
        /// Where the board's USB device is, `1-2.3`; nil where the slot names none.
        public let usbPath: String?
        /// The highest rate, in bits a second; fills `{baud}`.
        public let maxBaud: Int
        /// Where programs stand, by name; others are looked for in PATH.
        public let tools: [String: String]

        public init(name: String, port: String, usbPath: String?, maxBaud: Int, tools: [String: String]) {
            (self.name, self.port, self.usbPath, self.maxBaud) = (name, port, usbPath, maxBaud)
            self.tools = tools
        }

        /// For checking a profile where there is no slot.
        public static let checkOnly = SlotFacts(
            name: "check", port: "/dev/null", usbPath: "0-0", maxBaud: 921_600, tools: [:])
    }

    /// Why a profile cannot be carried out on a slot.
    public struct MethodError: Error, Sendable, CustomStringConvertible {
        public let description: String
    }

    /// How the boards of a profile are identified and written on a slot.
    /// - Throws: ``MethodError``.
    public init(profile: BoardProfile, slot: SlotFacts) throws(MethodError) {
        switch profile.flash.method {
        case .espressif:
            self = .espressif(
                chip: EspressifChip.all.first { $0.stubName == profile.chip },
                userBlock: profile.identity.source == .efuseBlock3)
        case .stm32UART:
            let memory = profile.identity.memory.map {
                STM32Loader.IdentityMemory(address: UInt32($0.address), length: $0.length)
            }
            self.init(.loader(STM32Opening(memory: memory)))
        case .smp: self.init(.application(try Self.smp(profile)))
        case .espAT, .none:
            let commands = try ATIdentityCommands(profile.identity)
            self.init(
                .application(
                    ApplicationMethod(
                        reader: ATReader(commands: commands, chip: profile.chip),
                        writer: profile.flash.method == .espAT ? ATFlashOpening(commands: commands) : nil,
                        needsLoader: false, credential: try Self.credential(profile), tag: Self.tag(profile))))
        case .external:
            let commands = try ATIdentityCommands(profile.identity)
            self.init(
                .application(
                    ApplicationMethod(
                        reader: ATReader(commands: commands, chip: profile.chip),
                        writer: try Self.external(profile, slot),
                        needsLoader: true, credential: try Self.credential(profile), tag: Self.tag(profile))))
        case .dfu: self.init(.loader(try Self.dfu(profile, slot)))
        }
    }

    /// An application that answers SMP, with MCUboot's serial recovery as its loader.
    private static func smp(_ profile: BoardProfile) throws(MethodError) -> ApplicationMethod {
        let rule = profile.identity
        guard let command = rule.command, let answer = rule.answer else {
            throw MethodError(description: "profile \(profile.name): identity.command and identity.answer are missing")
        }
        func query(_ command: String, _ pattern: ConsolePattern) -> SMPIdentity.Query {
            SMPIdentity.Query(.shell(command.split(separator: " ").map(String.init)), pattern)
        }
        var deviceID: SMPIdentity.Query?
        if let command = rule.uidCommand, let answer = rule.uidAnswer { deviceID = query(command, answer) }
        return ApplicationMethod(
            reader: SMPReader(
                identity: SMPIdentity(chip: profile.chip, deviceID: deviceID, identity: query(command, answer))),
            writer: SMPOpening(), needsLoader: true, credential: try credential(profile), tag: tag(profile))
    }

    private static func external(_ profile: BoardProfile, _ slot: SlotFacts) throws(MethodError) -> ExternalOpening {
        guard let tool = profile.flash.tool else {
            throw MethodError(description: "profile \(profile.name): flash.tool is missing")
        }
        do {
            return ExternalOpening(
                tool: try ExternalTool(tool, places: slot.tools),
                target: .init(
                    port: slot.port, portPath: slot.usbPath, baud: slot.maxBaud, chip: profile.chip, slot: slot.name))
        } catch { throw MethodError(description: "profile \(profile.name), flash.tool: \(error.sentence)") }
    }

    private static func dfu(_ profile: BoardProfile, _ slot: SlotFacts) throws(MethodError) -> DFUOpening {
        guard let path = slot.usbPath else {
            throw MethodError(
                description: "slot \(slot.name): boards of profile \(profile.name) are written over USB; give the slot "
                    + "its port path: usb = \"1-2.3\"")
        }
        do {
            var ids: [USBID] = []
            for text in profile.usbIDs { ids.append(try USBID(text)) }
            return DFUOpening(
                port: try USBBusPort(path),
                options: DFULoader.Options(
                    loaders: ids, uidAddress: profile.identity.memory.map { UInt32($0.address) },
                    uidLength: profile.identity.memory?.length ?? 12, startsFirmware: false))
        } catch { throw MethodError(description: "profile \(profile.name): \(error.sentence)") }
    }

    /// How the running firmware takes the credential; nil where it does not.
    private static func credential(_ profile: BoardProfile) throws(MethodError) -> (any ApplicationCredential)? {
        guard case .commands(let commands) = profile.flash.credential else { return nil }
        switch commands {
        case .settings(let key, let secret, _): return SMPSettingsCredential(keyName: key, secretName: secret)
        case .manufacturing(let namespace, let key, let secret, _):
            return ATCredentialMethod(
                method: .manufacturing(namespace: namespace, productKeyName: key, productSecretName: secret))
        case .template(let lines, let readBack, let proof):
            return ATCredentialMethod(
                method: .template(
                    .init(
                        lines: lines.map { ATCredential.Line($0) },
                        readBack: .init(command: readBack, pattern: proof, value: .secretDigest))))
        }
    }

    /// How the running firmware keeps the unit tag; nil where it does not.
    private static func tag(_ profile: BoardProfile) -> (any ApplicationTag)? {
        guard case .commands(let commands) = profile.flash.credential, let name = commands.tagName else { return nil }
        return switch commands {
        case .settings: SMPSettingsTag(name: name)
        case .manufacturing(let namespace, _, _, _): ATManufacturingTag(namespace: namespace, key: name)
        case .template: nil
        }
    }
}
