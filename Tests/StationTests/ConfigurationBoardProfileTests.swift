import Foundation
import Provisioning
import Testing

@testable import station

@Suite("Board profiles")
struct ConfigurationBoardProfileTests {
    @Test("the shipped ESP32-C3 profile says what the station needs")
    func shipped() throws {
        let home = try StationHome.locate(explicit: shippedHome, environment: [:])
        let profile = try home.profile(named: "esp32c3")
        #expect(profile.chip == "esp32c3")
        #expect(profile.macBlock == 4)
        #expect(profile.identity.kind == .mac)
        #expect(profile.identity.source == .efuseMAC)
        #expect(profile.identity.isUIDIndependent)
        let name = try profile.deviceName.name(for: Identity(kind: .mac, value: "24:6F:28:00:00:04"))
        #expect(name.text == "246F28000004")
        #expect(profile.flash.method == .espressif)
        #expect(profile.flash.regions.map(\.file) == ["bootloader.bin", "partition-table.bin", "app.bin"])
        #expect(profile.flash.regions.map(\.offset) == [0, 0x8000, 0x10000])
        #expect(profile.flash.regions.map(\.size) == [0x8000, 0x1000, 0x100000])
        guard case .region(let credential) = profile.flash.credential else {
            Issue.record("the credential has no region of its own")
            return
        }
        #expect(credential.offset == 0x110000)
        #expect(credential.size == 0x3000)
        #expect(credential.namespace == "cred")
        #expect(profile.flash.preserved == [.init(name: "nvs", offset: 0x9000, size: 0x6000)])
        #expect(profile.flash.conflicts.isEmpty)
        #expect(profile.console.baud == 115200)
        #expect(profile.console.ready.matches("I (312) app: ready"))
        #expect(profile.console.version?.capture(in: "I (31) app: version 1.4.0-rc1 built today") == "1.4.0-rc1")
        #expect(profile.console.failure(in: "invalid header: 0xffffffff")?.text == "BT-102")
        #expect(profile.console.failure(in: "Guru Meditation Error: Core 0 panic'ed")?.text == "BT-103")
        #expect(profile.console.failure(in: "I (312) app: ready") == nil)
        #expect(profile.budgets == .init(connect: .seconds(15), boot: .seconds(20), activate: .seconds(60)))
    }

    @Test("every shipped profile is read without a problem")
    func everyShipped() throws {
        let home = try StationHome.locate(explicit: shippedHome, environment: [:])
        #expect(home.profileNames().contains("esp32c3"))
        for name in home.profileNames() { #expect(throws: Never.self) { try home.profile(named: name) } }
    }

    @Test(
        "a value that is not allowed is named with its key, itself and what is allowed",
        arguments: [
            (#"chip = "esp32c3""#, #"chip = "esp33""#, #"chip = "esp33": expected one of esp8266, esp32,"#),
            ("mac_block = 4", "mac_block = 9", "mac_block = 9: expected 1 to 8 addresses"),
            (#"kind = "mac""#, #"kind = "uuid""#, #"identity.kind = "uuid": expected "mac" or "imei" or "sn""#),
            (
                #"source = "efuse-mac""#, #"source = "efuse-block3""#,
                #"identity.source = "efuse-block3": expected "efuse-mac" for identity kind "mac""#
            ),
            ("uid_independent = true", "", "identity.uid_independent: missing; expected true or false"),
            (
                #"source = "efuse-mac""#, "source = \"efuse-mac\"\npattern = 'x'",
                #"identity.pattern = "x": only a serial number has a pattern"#
            ),
            (
                #"rule = "{mac}""#, #"rule = "{sn}""#,
                #"device_name.rule = "{sn}": expected {mac}, the identity that is read"#
            ),
            (#"rule = "{mac}""#, #"rule = "lamp""#, #"device_name.rule: "lamp": expected exactly one of"#),
            (
                #"rule = "{mac}""#, #"rule = "lamp {mac}""#,
                #"device_name.rule = "lamp {mac}": gives "lamp 246F28000004", which the cloud refuses: expected letters"#
            ),
            (
                #"rule = "{mac}""#, #"rule = "a-very-long-prefix-{mac:colon}""#,
                "device_name.rule = \"a-very-long-prefix-{mac:colon}\": gives"
            ),
            (
                #"method = "espressif""#, #"method = "jtag""#,
                #"flash.method = "jtag": expected "espressif" or "stm32-uart""#
            ),
            (
                "offset = 0x8000", "offset = 0x8001",
                "flash.regions[1].offset = 32769: expected 0 to 16773120 bytes, a multiple of 4096"
            ),
            (
                #"file = "app.bin""#, #"file = "../app.bin""#,
                #"flash.regions[2].file = "../app.bin": expected a file's name without folders"#
            ),
            (
                "size = 0x3000", "size = 0x2000",
                "flash.credential.size = 8192: expected 12288 to 16777216 bytes, a multiple of 4096"
            ),
            (
                #"namespace = "cred""#, #"namespace = "sixteen-letters-""#,
                #"flash.credential.namespace = "sixteen-letters-": expected an NVS name, 1 to 15"#
            ),
            (
                #"product_secret = "product_secret""#, #"product_secret = "product_key""#,
                #"flash.credential.keys.product_secret = "product_key": expected another key than product_key's"#
            ),
            (#"format = "nvs""#, #"format = "json""#, #"flash.credential.format = "json": expected "nvs""#),
            ("ready = 'app: ready'", "ready = '('", #"console.ready = "(": expected a regular expression"#),
            ("ready = 'app: ready'", "", "console.ready: missing; expected a string: a regular expression"),
            (
                #"version (\S+)'"#, #"version \S+'"#,
                #"console.version = "app: version \\S+": expected a regular expression with one capture group"#
            ),
            (
                #"code = "BT-102""#, #"code = "BT-999""#,
                #"console.errors[0].code = "BT-999": expected a failure code of the boot or activate step"#
            ),
            (#"code = "BT-102""#, #"code = "FL-101""#, #"console.errors[0].code = "FL-101": expected"#),
            ("boot_seconds = 20", "boot_seconds = 0", "budgets.boot_seconds = 0: expected 1 to 600 seconds"),
            ("boot_seconds = 20", "boot_secs = 20", "budgets.boot_secs: unknown key; allowed here: connect_seconds"),
        ])
    func refusedValue(old: String, new: String, problem: String) throws {
        let found = try problems(in: shippedText().replacing(old, with: new))
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix(problem) == true, "\(found)")
    }

    @Test("areas that share an erase sector are all named, with the addresses of both")
    func overlaps() throws {
        let text = try shippedText()
            .replacing("offset = 0x9000", with: "offset = 0x8000")
            .replacing("offset = 0x110000", with: "offset = 0x10f000")
        #expect(
            try problems(in: text) == [
                "flash: nvs (0x8000 to 0xe000) overlaps partition-table (0x8000 to 0x9000): expected areas that share no "
                    + "erase sector of 4096 bytes",
                "flash: cred (0x10f000 to 0x112000) overlaps app (0x10000 to 0x110000): expected areas that share no erase "
                    + "sector of 4096 bytes",
            ])
    }

    @Test("areas conflict by sectors, not by bytes, and an area without bytes conflicts with none")
    func sectors() {
        func conflict(_ first: (Int, Int), _ second: (Int, Int)) -> Bool {
            !BoardProfile.Flash.conflicts(among: [
                .init(name: "a", offset: first.0, size: first.1), .init(name: "b", offset: second.0, size: second.1),
            ]).isEmpty
        }
        #expect(!conflict((0, 4096), (4096, 4096)))
        #expect(conflict((0, 4097), (4096, 4096)))
        #expect(conflict((0, 100), (200, 100)))
        #expect(conflict((0, 0x10000), (0x4000, 0x1000)))
        #expect(!conflict((0, 0), (0, 4096)))
    }

    @Test("an area beyond the loader's reach, a file used twice and a missing bootloader are named")
    func layout() throws {
        #expect(
            try problems(in: shippedText().replacing("offset = 0x110000", with: "offset = 0xffe000")) == [
                "flash: cred ends beyond 0x1000000, the loader's reach"
            ])
        #expect(
            try problems(in: shippedText().replacing(#""app.bin""#, with: #""bootloader.bin""#)) == [
                #"flash: two areas have the file "bootloader.bin"; expected each only once"#
            ])
        #expect(
            try problems(in: shippedText().replacing("offset = 0x0\n", with: "offset = 0x200000\n")) == [
                "flash.regions: expected one region at 0x0, where ESP32-C3 looks for its bootloader"
            ])
    }

    @Test("IMEI and serial number are read from eFuse BLOCK3, the number by its pattern")
    func otherIdentities() throws {
        let imei = try shippedText()
            .replacing(#"kind = "mac""#, with: #"kind = "imei""#)
            .replacing(#"source = "efuse-mac""#, with: #"source = "efuse-block3""#)
            .replacing(#"rule = "{mac}""#, with: #"rule = "{imei}""#)
        let profile = try BoardProfileFile.read(imei, file: "x.toml")
        #expect(profile.identity.kind == .imei)
        #expect(profile.identity.pattern == nil)

        let sn =
            imei
            .replacing(#"kind = "imei""#, with: "kind = \"sn\"\npattern = 'SN[0-9]{8}'")
            .replacing("{imei}", with: "lamp-{sn:lower}")
        let other = try BoardProfileFile.read(sn, file: "x.toml")
        #expect(other.identity.pattern == "SN[0-9]{8}")
        #expect(try problems(in: sn.replacing("pattern = 'SN[0-9]{8}'", with: "")).count == 1)
        #expect(try problems(in: sn.replacing("'SN[0-9]{8}'", with: "'SN['")).count == 1)
        #expect(
            try problems(
                in: sn.replacing("esp32c3", with: "esp32").replacing("offset = 0x0\n", with: "offset = 0x1000\n")
            )
            .contains { $0.contains("ESP32 has no such eFuse block") })
    }

    @Test("the MAC block is 4 on an ESP32 where the file does not say it")
    func defaultBlock() throws {
        #expect(try BoardProfileFile.read(shippedText().replacing("mac_block = 4", with: ""), file: "x").macBlock == 4)
    }

    @Test("a profile whose name is not its file's, and an unknown one, are refused with what there is")
    func names() throws {
        let text = try shippedText().replacing(#"name = "esp32c3""#, with: #"name = "esp32""#)
        let found = configurationProblems { _ = try BoardProfileFile.read(text, file: "esp32c3.toml", name: "esp32c3") }
        #expect(found == [#"name = "esp32": expected "esp32c3", as the file is named"#])
        let home = try StationHome.locate(explicit: shippedHome, environment: [:])
        let unknown = configurationProblems { _ = try home.profile(named: "../boards/esp32c3") }
        #expect(unknown.first?.contains("esp32c3, esp32c3-imei") == true)
    }

    @Test("an empty file names every key that must be there, once each")
    func emptyFile() throws {
        let keys = try problems(in: "").map { String($0.prefix { $0 != ":" }) }
        #expect(
            keys == [
                "name", "title_zh", "title_en", "chip", "identity.kind", "identity.source", "identity.uid_independent",
                "device_name.rule", "flash.method", "flash.regions", "flash.credential.format", "flash.credential.name",
                "flash.credential.offset", "flash.credential.size", "flash.credential.namespace",
                "flash.credential.keys.product_key", "flash.credential.keys.product_secret", "console.ready",
            ])
    }

    @Test("a console pattern finds its place anywhere in a line and gives its first group")
    func consolePatterns() throws {
        let pattern = try ConsolePattern(#"version=(\d+)(?:\.(\d+))?"#)
        #expect(pattern.captureCount == 2)
        #expect(pattern.capture(in: "启动 version=12.5 ok") == "12")
        #expect(pattern.capture(in: "version=x") == nil)
        #expect(try ConsolePattern("ready").capture(in: "ready") == nil)
        #expect(throws: ConsolePattern.PatternError.self) { try ConsolePattern("") }
        #expect(throws: ConsolePattern.PatternError.self) { try ConsolePattern("[") }
    }

    private func shippedText() throws -> String {
        try String(contentsOfFile: "\(shippedHome)/boards/esp32c3.toml", encoding: .utf8)
    }

    private func problems(in text: String) throws -> [String] {
        configurationProblems { _ = try BoardProfileFile.read(text, file: "esp32c3.toml") }
    }
}
