import BoardProtocols
import Foundation
import Provisioning
import Testing

@testable import Simulation

@Suite("The simulated board's first boot")
struct BoardBootTests {
    static let credential = NVSPartition.Namespace(
        "cred", [("product_key", .string("a1B2c3D4e5F")), ("product_secret", .string("not-a-real-secret"))])

    /// A chip flashed with the demo release and a credential region.
    static func flashed(
        version: String = "1.2.3", credential: [NVSPartition.Namespace]? = [credential]
    ) throws -> FlashChip {
        let flash = try FlashChip(file: nil)
        let images = try FirmwareImages(version: version, appSize: 32 << 10)
        #expect(flash.program(0, images.bootloader))
        #expect(flash.program(0x8000, images.partitionTable))
        #expect(flash.program(0x10000, images.app))
        if let credential { #expect(flash.program(0x110000, try NVSPartition.build(credential, size: 0x3000))) }
        return flash
    }

    @Test("a good release boots to the version that is in its image")
    func boots() throws {
        let boot = BootSequence(try Self.flashed())
        guard case .application(let installed) = boot.outcome else {
            Issue.record("expected an application, received \(boot.lines)")
            return
        }
        #expect(installed.version == "1.2.3")
        #expect(try installed.readCredential().get().productKey == "a1B2c3D4e5F")
        #expect(
            boot.lines.prefix(3) == [
                "ESP-ROM:esp32c3-api1-20210207", "Build:Feb  7 2021",
                "rst:0x1 (POWERON),boot:0x8 (SPI_FAST_FLASH_BOOT)",
            ])
        #expect(boot.lines.contains { $0.contains("cred") && $0.contains("00110000") })
    }

    @Test("blank flash repeats the ROM's complaint")
    func blank() throws {
        let boot = BootSequence(try FlashChip(file: nil))
        #expect(boot.lines.contains("invalid header: 0xffffffff"))
        guard case .retry = boot.outcome else {
            Issue.record("expected a retry")
            return
        }
    }

    @Test(
        "one wrong byte ends the boot with the line a real chip prints",
        arguments: [
            (0x40, "csum err"), (0x8005, "MD5"), (0x10201, "Checksum failed"),
            (0x10000, "has invalid magic byte"),
        ])
    func wrongByte(offset: Int, line: String) throws {
        let flash = try Self.flashed()
        let byte = flash.read(offset, 1)
        #expect(byte != [0])
        #expect(flash.program(offset, [byte[0] & (byte[0] &- 1)]))
        let boot = BootSequence(flash)
        #expect(boot.lines.contains { $0.contains(line) }, "\(boot.lines)")
        if case .application = boot.outcome { Issue.record("it booted") }
    }

    @Test("a wrong digest behind a right check value is found")
    func wrongDigest() throws {
        let flash = try Self.flashed()
        let last = 0x10000 + (32 << 10) - 1
        #expect(flash.program(last, [0x00]))
        #expect(BootSequence(flash).lines.contains { $0.contains("Image hash failed") })
    }

    @Test("a missing or corrupt credential region is named")
    func credentialMissing() throws {
        let corrupt = try Self.flashed()
        #expect(corrupt.program(0x110044, [0, 0, 0]))
        let half = try Self.flashed(credential: [.init("cred", [("product_key", .string("k"))])])
        for (chip, problem) in [
            (try Self.flashed(credential: nil), "no product_key in partition cred"),
            (half, "no product_secret in partition cred"), (corrupt, "partition cred is corrupt"),
        ] {
            guard case .application(let installed) = BootSequence(chip).outcome else {
                Issue.record("it did not boot")
                continue
            }
            #expect(throws: InstalledFirmware.Missing(text: problem)) { try installed.readCredential().get() }
        }
    }

    @Test("a device credential is kept in nvs, replaced in place by either kind, and nothing else is touched")
    func deviceCredential() throws {
        let flash = try Self.flashed()
        guard case .application(let installed) = BootSequence(flash).outcome else {
            Issue.record("it did not boot")
            return
        }
        let store = CredentialStore(installed.nvs, flash)
        #expect(store.read() == nil)
        for round in 0..<200 {
            let key = Array("device-secret-\(round)-0123456789".utf8)
            let credential = try DeviceCredential(clientID: round % 3 == 2 ? Array("c\(round)".utf8) : nil, key: key)
            #expect(store.store(credential))
            #expect(CredentialStore(installed.nvs, flash).read() == credential)
        }
        let nvs = try NVSPartition(parsing: flash.read(0x9000, 0x6000))
        #expect(nvs.entries.map(\.key) == ["device_secret"])
        #expect(flash.read(0x110000, 0x3000) == (try NVSPartition.build([Self.credential], size: 0x3000)))
        #expect(!CredentialStore(nil, flash).store(.secret(Secret("x"))))
    }

    @Test("the partition table reads back what it was built from")
    func table() throws {
        let bytes = FirmwareImages.partitions.bytes
        #expect(bytes.count == 0xC00)
        #expect(try PartitionTable(parsing: bytes) == FirmwareImages.partitions)
    }

    @Test("release images are the same for the same version and size, and half their size when packed")
    func images() throws {
        let first = try FirmwareImages(version: "1.0.0", appSize: 64 << 10)
        #expect(first == (try FirmwareImages(version: "1.0.0", appSize: 64 << 10)))
        #expect(first.app != (try FirmwareImages(version: "1.0.1", appSize: 64 << 10)).app)
        #expect(first.app.count == 64 << 10)
        #expect(throws: BoardError.self) { try FirmwareImages(version: "1.0.0", appSize: 1000) }
    }

    @Test("the boot log comes over the port, with the version and the MAC from the board")
    func console() async throws {
        try await withBoardFolder { folder in
            let file = folder.appendingPathComponent("a.flash")
            let flash = try Self.flashed()
            try Data(flash.read(0, flash.size)).write(to: file)
            let link = folder.appendingPathComponent("tty").path
            let configuration = BoardConfiguration(
                identity: BoardLoaderTests.identity, port: .terminal(link: link), flashFile: file.path)
            try await withBoard(configuration) { address in
                let log = try await onThread {
                    let client = try BoardTestClient(link)
                    let answer = try BoardTestClient(address.control).command("run")
                    return answer + "\n" + (try client.lines(until: "app: ready"))
                }
                #expect(log.hasPrefix("ok\n"))
                #expect(log.contains("I (312) app: version 1.2.3\r\n"))
                #expect(log.contains("I (320) app: mac 7C:DF:A1:00:00:04\r\n"))
            }
        }
    }

    @Test("a board that does not boot never says ready")
    func noBoot() async throws {
        try await withBoardFolder { folder in
            let file = folder.appendingPathComponent("a.flash")
            let flash = try Self.flashed()
            try Data(flash.read(0, flash.size)).write(to: file)
            let configuration = BoardConfiguration(
                identity: BoardLoaderTests.identity, port: .listener(host: "127.0.0.1", port: 0), flashFile: file.path,
                faults: [.noBoot])
            try await withBoard(configuration) { address in
                let log = try await onThread {
                    let client = try BoardTestClient(address.port)
                    _ = try BoardTestClient(address.control).command("run")
                    let log = try client.lines(until: "app: mac")
                    return log + String(decoding: client.read(within: 0.5) ?? [], as: UTF8.self)
                }
                #expect(!log.contains("ready"))
            }
        }
    }
}
