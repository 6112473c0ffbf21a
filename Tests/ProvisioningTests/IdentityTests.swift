import Provisioning
import Testing

@Suite("Identities are checked before anything is bound to them")
struct IdentityTests {
    @Test(
        "a MAC is read in any usual spelling",
        arguments: ["60:55:f9:12:34:56", "60-55-F9-12-34-56", "6055F9123456", "6055f9123456"])
    func macSpellings(text: String) throws {
        let address = try MACAddress(text)
        #expect(address.hex == "6055F9123456")
        #expect(address.colonForm == "60:55:F9:12:34:56")
    }

    @Test(
        "a MAC that cannot name one board is refused with its reason",
        arguments: [
            ("000000000000", IdentityError.Code.allZero), ("FFFFFFFFFFFF", .allOnes), ("01005E000001", .multicast),
            ("020000000001", .locallyAdministered), ("6055F912345", .length), ("6055F912345G", .characters),
            ("", .length), ("6055F91234567", .length),
        ])
    func badMACs(text: String, code: IdentityError.Code) {
        #expect(throws: IdentityError.self) { try MACAddress(text) }
        do { _ = try MACAddress(text) } catch { #expect(error.code == code) }
    }

    @Test("the IMEI of the standard's example passes; any other last digit does not")
    func imei() throws {
        #expect(try IMEI("490154203237518").typeAllocationCode == "49015420")
        for digit in 0...9 where digit != 8 {
            #expect(throws: IdentityError.self) { try IMEI("49015420323751\(digit)") }
        }
    }

    @Test(
        "an IMEI that is no IMEI is refused with its reason",
        arguments: [
            ("000000000000000", IdentityError.Code.allZero), ("4901542032375180", .length), ("49015420323751", .length),
            ("49015420323751A", .characters), ("004999010640000", .testNumber), ("490154203237519", .checkDigit),
        ])
    func badIMEIs(text: String, code: IdentityError.Code) {
        do {
            _ = try IMEI(text)
            Issue.record("\(text) was accepted")
        } catch { #expect(error.code == code) }
    }

    @Test("a SIM's number has 19 or 20 digits with their check digit; the F that modems fill up with is dropped")
    func iccids() throws {
        #expect(try ICCID("8986001234567890120").digits == "8986001234567890120")
        #expect(try ICCID("8986001234567890120F").digits == "8986001234567890120")
        #expect(try ICCID("89860012345678901238").digits == "89860012345678901238")
        let name = try DeviceNameRule("{iccid}").name(for: .iccid(ICCID("89860012345678901238")))
        #expect(name.text == "89860012345678901238")
        for (text, code) in [
            ("8986001234567890121", IdentityError.Code.checkDigit), ("898600123456789012", .length),
            ("1986001234567890120", .pattern), ("89860012345678X0120", .characters),
        ] {
            do {
                _ = try ICCID(text)
                Issue.record("\(text) was accepted")
            } catch { #expect(error.code == code) }
        }
    }

    @Test("a serial number keeps to its pattern and to the cloud's charset")
    func serialNumbers() throws {
        #expect(try SerialNumber("SN2026-0001", pattern: #"SN\d{4}-\d{4}"#).text == "SN2026-0001")
        for (text, code) in [
            ("SN2026-00011", IdentityError.Code.pattern), ("SN 1", .characters), ("a&b", .characters), ("", .length),
            ("0000", .allZero), (String(repeating: "1", count: 33), .length),
        ] {
            do {
                _ = try SerialNumber(text, pattern: #"SN\d{4}-\d{4}"#)
                Issue.record("\(text) was accepted")
            } catch { #expect(error.code == code) }
        }
    }

    @Test("a hardware UID is independent of the identity unless the MAC had to serve")
    func uids() {
        #expect(HardwareUID(bytes: [0x0A, 0xFF], source: .chip).hex == "0AFF")
        #expect(HardwareUID(bytes: [1], source: .flash).isIndependent)
        #expect(!HardwareUID(bytes: [1], source: .mac).isIndependent)
    }

    @Test(
        "a DeviceName is made by the profile's rule",
        arguments: [
            ("{mac}", "6055F9123456"), ("{mac:lower}", "6055f9123456"),
            ("lamp-{mac:lower:dash}", "lamp-60-55-f9-12-34-56"),
            ("{mac:colon}", "60:55:F9:12:34:56"),
        ])
    func deviceNames(rule: String, expected: String) throws {
        let name = try DeviceNameRule(rule).name(for: .mac(MACAddress("6055F9123456")))
        #expect(name.text == expected)
    }

    @Test(
        "a rule without exactly one known placeholder is refused",
        arguments: ["lamp", "{mac}{sn}", "{foo}", "{mac:big}", "{imei:colon}", "}{"])
    func badRules(rule: String) {
        #expect(throws: DeviceNameRule.RuleError.self) { try DeviceNameRule(rule) }
    }

    @Test("a DeviceName that the cloud would refuse is refused here")
    func badNames() throws {
        let rule = try DeviceNameRule("a-very-long-product-name-{imei}")
        #expect(throws: IdentityError.self) { try rule.name(for: .imei(IMEI("490154203237518"))) }
        #expect(throws: IdentityError.self) { try DeviceName("abc") }
        #expect(throws: IdentityError.self) { try DeviceName("a b c d") }
    }

    @Test("a secret shows in no textual form")
    func secrets() {
        let secret = Secret("h1nQFYPZS0mW2352")
        var dumped = ""
        dump(secret, to: &dumped)
        for text in ["\(secret)", String(describing: [secret]), String(reflecting: secret), dumped] {
            #expect(!text.contains("h1nQ"))
        }
        #expect(secret == Secret("h1nQFYPZS0mW2352"))
        #expect(secret != Secret("h1nQFYPZS0mW2353"))
    }
}
