import Provisioning
import Testing

@Suite("What a board's label says")
struct LabelTextTests {
    @Test(
        "what scanner and GS1 put around it is taken off",
        arguments: [
            ("6055F9000000", ["6055F9000000"]),
            ("  6055F9000000\r\n", ["6055F9000000"]),
            ("]d26055F9000000", ["6055F9000000"]),
            ("]C10109501101530003211234567890", ["1234567890", "0109501101530003211234567890"]),
            ("]d2010950110153000310LOT7\u{1D}21SN-00042", ["SN-00042", "LOT7", "010950110153000310LOT721SN-00042"]),
            ("\u{1D}21SN-00042\u{1D}10LOT7", ["SN-00042", "LOT7", "21SN-0004210LOT7"]),
            ("(01)09501101530003(21)SN-00042", ["SN-00042", "(01)09501101530003(21)SN-00042"]),
            ("(note)", ["(note)"]),
            ("21SN-00042", ["21SN-00042"]),
            ("]d2not gs1 at all", ["not gs1 at all"]),
            ("]d2010950110153000", ["010950110153000"]),
            ("", []),
        ])
    func candidates(scanned: String, expected: [String]) {
        #expect(LabelText(scanned).candidates == expected)
    }
}
