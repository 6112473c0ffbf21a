import Provisioning
import Testing

@Suite("A board's label") struct BoardLabelTests {
    static let mac = try? Identity(kind: .mac, value: "7CDFA1000004")
    static let serial = try? Identity(kind: .sn, value: "SN-0001")

    @Test(
        "names the board by its identity, however it is written, or by its DeviceName",
        arguments: [
            ("7CDFA1000004", true), ("7c:df:a1:00:00:04", true), ("7C-DF-A1-00-00-04", true),
            ("dev-7CDFA1000004", true),
            ("7CDFA1000008", false), ("", false), ("7CDFA10000040", false), ("PS1:SLOT:1", false),
        ])
    func macLabel(_ text: String, fits: Bool) throws {
        let identity = try #require(Self.mac)
        #expect(BoardLabel().names(text, identity: identity, deviceName: "dev-7CDFA1000004") == fits)
    }

    @Test(
        "a GS1 label names it by its serial number",
        arguments: [
            ("]d2010693123456789121SN-0001", true), ("\u{1D}010693123456789121SN-0001\u{1D}10LOT", true),
            ("010693123456789121SN-0001", false), ("(01)06931234567891(21)SN-0001", true),
            ("]d2010693123456789110LOT\u{1D}21SN-0001", true), ("]d2010693123456789121SN-0002", false),
            ("]d201069312345678", false), ("SN-0001", true),
        ])
    func gs1(_ text: String, fits: Bool) throws {
        let identity = try #require(Self.serial)
        #expect(BoardLabel().names(text, identity: identity, deviceName: nil) == fits)
    }

    @Test("a profile's pattern finds the name in a label of its own")
    func pattern() throws {
        let identity = try #require(Self.mac)
        let label = BoardLabel(pattern: try ConsolePattern("MAC=([0-9A-F]{12})"))
        #expect(label.names("PN=1;MAC=7CDFA1000004;REV=B", identity: identity, deviceName: nil))
        #expect(!label.names("7CDFA1000004", identity: identity, deviceName: nil))
    }
}
