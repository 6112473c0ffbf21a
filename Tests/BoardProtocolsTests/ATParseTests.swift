import BoardProtocols
import Testing

@Suite("AT values") struct ATParseTests {
    @Test(
        "an IMEI is found in every form in which modules state it",
        arguments: [
            ["490154203237518"], ["+CGSN: \"490154203237518\""], ["+CGSN:490154203237518"], ["+CGSN: 490154203237518"],
            ["\"490154203237518\""], ["+EGMR: \"490154203237518\""], ["490154203237518", "490154203237518"],
            ["4901542x3237518", "+CGSN: 490154203237518"],
        ])
    func imei(_ lines: [String]) { #expect(ATParse.imei(lines) == "490154203237518") }

    @Test(
        "no IMEI is made of anything else",
        arguments: [
            [], ["49015420323751"], ["4901542032375180"], ["+CGSN: \"490154203237518"], ["49015420323751A"],
            ["5f2a6b70-7b1c-4c1d-9c8e-000000000001"], ["490154203237518", "490154203237526"],
        ])
    func noIMEI(_ lines: [String]) { #expect(ATParse.imei(lines) == nil) }

    @Test func imeisv() {
        #expect(ATParse.imeisv(["+CGSN: \"4901542032375107\""]) == "4901542032375107")
        #expect(ATParse.imeisv(["490154203237518"]) == nil)
    }

    @Test func serial() {
        #expect(ATParse.serial(["+CGSN: \"MP1624C19000042\""]) == "MP1624C19000042")
        #expect(ATParse.serial(["A", "B"]) == nil)
    }

    @Test(
        "a SIM card's number loses its padding",
        arguments: [
            ("+QCCID: 89860123456789012341", "89860123456789012341"),
            ("+CCID: \"8986012345678901234F\"", "8986012345678901234"),
            ("89860123456789012341", "89860123456789012341"), ("+ICCID: 8986012345678901234f", "8986012345678901234"),
            ("+QCCID: 898601234567890123", nil), ("+QCCID: 8986F123456789012341", nil),
        ] as [(String, String?)])
    func iccid(_ line: String, _ expected: String?) { #expect(ATParse.iccid([line]) == expected) }

    @Test(
        "a MAC address needs six pairs",
        arguments: [
            ("+CIPSTAMAC:\"7c:df:a1:00:00:04\"", [0x7C, 0xDF, 0xA1, 0, 0, 4]),
            ("+CIPSTAMAC:7C:DF:A1:00:00:04", [0x7C, 0xDF, 0xA1, 0, 0, 4]), ("+CIPSTAMAC:\"7c:df:a1:00:00\"", nil),
            ("+CIPSTAMAC:\"7c:df:a1:00:0g:04\"", nil), ("+CIPSTAMAC:\"7cdf:a1:00:00:041\"", nil),
            ("+CIPSTAMAC:\"+c:df:a1:00:00:04\"", nil),
        ] as [(String, [UInt8]?)])
    func mac(_ line: String, _ expected: [UInt8]?) { #expect(ATParse.mac([line]) == expected) }

    @Test func text() {
        #expect(ATParse.text(["+CGMM: \"EC800M\""]) == "EC800M")
        #expect(ATParse.text(["AT version:4.0.0.0(x)", "SDK version:v5"]) == "AT version:4.0.0.0(x)")
        #expect(ATParse.text([]) == nil)
    }

    @Test("partitions are read in the quoted and in the older form")
    func partition() {
        let new = ATParse.partition("+SYSFLASH:\"mfg_nvs\",1,2,0x21000,0x6000")
        #expect(
            new == .init(name: "mfg_nvs", type: 1, subtype: 2, address: 0x21000, size: 0x6000, isQuoted: true))
        let old = ATParse.partition("+SYSFLASH:ble_data,64,1,135168,12288")
        #expect(
            old == .init(name: "ble_data", type: 64, subtype: 1, address: 0x21000, size: 0x3000, isQuoted: false))
        #expect(ATParse.partition("+SYSFLASH:x,64,1,0x,12288") == nil)
        #expect(ATParse.partition("+SYSFLASH:x,64,1,0") == nil)
    }

    @Test func manufacturing() throws {
        let head = try #require(ATParse.manufacturing("+SYSMFG:\"cred\",\"product_key\",7,11,"))
        #expect(head == ("cred", "product_key", 7, 11))
        #expect(ATParse.manufacturing("+SYSMFG:\"cred\"") == nil)
    }
}
