import BoardProtocols
import Provisioning

/// A module with an AT command set on its port, and firmware that registers once it has a network and a credential.
struct ModuleFamily: BoardFamily {
    enum Kind: Sendable {
        /// A Wi-Fi module with ESP-AT that comes with its firmware; a release is what its partition `user_data` holds.
        case espAT
        /// An LTE Cat.1 module: its download mode takes an image from a tool and says nothing of who it is.
        case lte
        /// A board with an ESP32-C3 whose application is a command set: any flasher of that chip's loader writes it.
        case external
    }

    let kind: Kind

    /// Where the module's firmware keeps its device credential.
    private static let storage = PartitionTable.Partition("nvs", type: 1, subtype: 2, offset: 0x9000, size: 0x6000)
    /// Where a Cat.1 module's application lies.
    static let lteApplication = 0x10_0000
    private static let lteSize = 256 << 10

    private func settings(_ identity: BoardIdentity) -> ATModuleSettings {
        var settings = ATModuleSettings(kind == .lte ? .lteCat1 : .espAT)
        if kind == .external {
            // Behind the application's region.
            settings.partitions = [.init("mfg_nvs", type: 1, subtype: 2, offset: 0x12_0000, size: 0x6000)]
        }
        settings.mac = identity.macText.lowercased()
        if !identity.userData.isEmpty { settings.imei = identity.userData }
        settings.serial = "MP" + identity.uid.prefix(6).map { hex(Int($0), digits: 2).uppercased() }.joined()
        return settings
    }

    func loader(_ identity: BoardIdentity, _ flash: FlashChip) -> (any WireModel)? {
        switch kind {
        case .espAT: nil
        case .lte: DownloadLoaderModel(flash: flash)
        case .external: EspressifLoaderModel(identity: identity, flash: flash)
        }
    }

    func loaderLines(afterPowerOn: Bool) -> [String] {
        kind == .external ? BootSequence.loaderLines(afterPowerOn: afterPowerOn) : []
    }

    func boot(_ flash: FlashChip, _ identity: BoardIdentity) -> BootSequence {
        var lines: [String] = []
        let version: String
        switch kind {
        case .espAT: version = Self.userData(flash) ?? "none"
        case .lte:
            guard let image = PlainImage(flash.read(Self.lteApplication, Self.lteSize)) else {
                return BootSequence(lines: ["+QIND: no application"], outcome: .halted)
            }
            version = image.version
        case .external:
            let sequence = BootSequence(flash)
            guard case .application(let installed) = sequence.outcome else { return sequence }
            (lines, version) = (sequence.lines, installed.version)
        }
        let label = kind == .lte ? "ufs" : "mfg_nvs"
        let place = settings(identity).partitions.first { $0.label == label }
        let installed = InstalledFirmware(version: version, nvs: Self.storage, needsCredential: false) {
            guard let place, let contents = try? NVSPartition(parsing: flash.read(place.offset, place.size)),
                let key = contents.value("product_key", in: "cred")?.text,
                let secret = contents.value("product_secret", in: "cred")?.text
            else { return .failure(.init(text: "none")) }
            return .success(.init(productKey: key, productSecret: Secret(secret)))
        }
        return BootSequence(lines: lines, outcome: .application(installed))
    }

    func application(
        _ identity: BoardIdentity, _ flash: FlashChip, _ version: String
    ) -> (any ApplicationModel)? {
        ModuleApplication(module: ATModule(settings(identity), flash: flash))
    }

    func greeting(_ identity: BoardIdentity, version: String) -> [String] {
        ["+VERSION: \(version)", kind == .lte ? "RDY" : "ready"]
    }

    func images(version: String) throws(BoardError) -> [String: [UInt8]] {
        switch kind {
        case .espAT:
            let text = Array("PSDATA \(version)\n".utf8)
            return ["user_data.bin": text + FirmwareImages.code(16384 - text.count / 4 * 4, seed: 7)]
        case .lte:
            return ["app.bin": PlainImage.build(version: version, base: 0x10_0000, size: 128 << 10)]
        case .external:
            let images = try FirmwareImages(version: version)
            return [
                "bootloader.bin": images.bootloader, "partition-table.bin": images.partitionTable,
                "app.bin": images.app,
            ]
        }
    }

    /// Modules come with firmware that says who they are.
    func factoryFlash() throws(BoardError) -> [(offset: Int, bytes: [UInt8])] {
        switch kind {
        case .espAT: return []
        case .lte:
            return [
                (Self.lteApplication, PlainImage.build(version: "0.1.0", base: 0x10_0000, size: 64 << 10))
            ]
        case .external:
            let images = try FirmwareImages(version: "0.1.0", appSize: 64 << 10)
            return [(0, images.bootloader), (0x8000, images.partitionTable), (0x10000, images.app)]
        }
    }

    private static func userData(_ flash: FlashChip) -> String? {
        let line = flash.read(0x30000, 64).prefix { $0 != 0x0A }
        let words = String(decoding: line, as: UTF8.self).split(separator: " ")
        return words.count == 2 && words[0] == "PSDATA" ? String(words[1]) : nil
    }
}

/// A module's command set as a running application.
private struct ModuleApplication: ApplicationModel {
    var module: ATModule

    mutating func receive(_ input: [UInt8]) -> [WireAction] {
        // A reset is the board's own business, by the event.
        module.receive(input).filter { $0 != .restart && $0 != .send(module.greeting) }
    }

    mutating func takeEvents() -> [ApplicationEvent] {
        module.takeEvents().map { event in
            switch event {
            case .reset: .reset
            case .joined: .joined
            case .left: .left
            }
        }
    }

    mutating func unsolicited(_ text: String) -> [UInt8] { Array("\r\n\(text)\r\n".utf8) }
}
