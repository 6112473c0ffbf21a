import Bench
import Testing

@Suite struct SlotMapWriterTests {
    private static let file = """
        # The line's station
        [station]
        id = "LINE-1"
        note = \"\"\"
        [[slots]]
        name = "1"
        port = "not a port"
        \"\"\"

        [[slots]]   # left
        name = "1"
          port="/dev/serial/by-path/x" # by hand
        control = [
            "relay", # ["
            "{slot}",
        ]

        [[slots]]
        "name" = '2'
        profile = "esp32c3"
        "port" = "socket://10.0.0.7:4001"

        [[slots]]
        name = "3"
        profile = "p"

        [limits]
        port = "1"
        """

    @Test("only the values of the ports change")
    func rewritten() throws {
        let result = try SlotMapWriter.rewrite(Self.file, ports: ["2": "usb:1-2.3:1.0", "1": "usb:1-2.1"])
        let expected = Self.file.replacing("\"/dev/serial/by-path/x\"", with: "\"usb:1-2.1\"")
            .replacing("\"socket://10.0.0.7:4001\"", with: "\"usb:1-2.3:1.0\"")
        #expect(result.text == expected)
        #expect(result.changes.map(\.slot) == ["1", "2"])
        #expect(result.changes.first?.before == "\"/dev/serial/by-path/x\"")
        #expect(try SlotMapWriter.rewrite(result.text, ports: ["1": "usb:1-2.1"]).changes.isEmpty)
    }

    @Test("a slot without a port gets one beside its name")
    func inserted() throws {
        let result = try SlotMapWriter.rewrite(Self.file, ports: ["3": "usb:1-4"])
        #expect(result.text == Self.file.replacing("name = \"3\"", with: "port = \"usb:1-4\"\nname = \"3\""))
        #expect(result.changes.first?.slot == "3")
        #expect(result.changes.first?.before == nil)
    }

    @Test("line ends of another system stay")
    func lineEnds() throws {
        let text = "[[slots]]\r\nname = \"1\"\r\nport = \"usb:1-1\" # a\r\n[[slots]]\r\nname = \"2\"\r\n"
        let result = try SlotMapWriter.rewrite(text, ports: ["1": "usb:1-2", "2": "usb:1-3"])
        #expect(
            result.text == "[[slots]]\r\nname = \"1\"\r\nport = \"usb:1-2\" # a\r\n[[slots]]\r\n"
                + "port = \"usb:1-3\"\r\nname = \"2\"\r\n")
    }

    @Test(
        "what cannot be changed safely is refused with a sentence",
        arguments: [
            ("[[slots]]\nname = \"2\"\n", "no slot \"1\"; there are: 2"),
            ("", "there are: none"),
            ("[[slots]]\nname = \"1\"\n[[slots]]\nname = \"1\"\n", "2 slots named"),
            ("slots = [{name = \"1\", port = \"x\"}]\n", "one value"),
            ("[[slots]]\nname = \"1\nport = 3\n", "line 2"),
            ("[[slots]]\nname = \"1\"\ncontrol = [1,\n", "no TOML"),
            ("[[slots]]\nname = \"1\" port = \"x\"\n", "line 2"),
        ])
    func refused(_ text: String, _ sentence: String) {
        #expect { try SlotMapWriter.rewrite(text, ports: ["1": "usb:1-2"]) } throws: {
            ($0 as? SlotMapWriter.Refusal)?.description.contains(sentence) == true
        }
    }
}
