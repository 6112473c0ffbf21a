import Provisioning
import Testing

@testable import Bench

@Suite("Templates of external programs") struct ToolTemplateTests {
    @Test("placeholders become values, double braces one brace")
    func fills() throws {
        let template = try ToolTemplate(["{tool}", "-p", "{port}", "{offset}:{size}", "a{{b}}", "x {file} y"])
        let arguments = try template.arguments([
            .port: "/dev/tty 1", .offset: "0x1000", .size: "42", .file: "/tmp/a.bin",
        ])
        #expect(arguments == ["-p", "/dev/tty 1", "0x1000:42", "a{b}", "x /tmp/a.bin y"])
    }

    @Test("a value that is missing is named")
    func missing() throws {
        let template = try ToolTemplate(["{tool}", "{port_path}"])
        #expect { try template.arguments([:]) } throws: { "\($0)".contains("{port_path}") }
    }

    @Test(
        "a value cannot end a command inside a word that is a script", arguments: ["a; exec b", "[exit]", "$x", "a b"])
    func scripts(_ value: String) throws {
        let template = try ToolTemplate(["{tool}", "-c", "program {file} exit"])
        #expect(throws: ToolError.self) { try template.arguments([.file: value]) }
    }

    @Test(
        "a placeholder that could carry a secret is refused as such",
        arguments: ["product_secret", "device_secret", "token", "password", "key", "credential", "PSK", "sign"])
    func secrets(_ name: String) {
        #expect { try ToolTemplate(["{tool}", "--x={\(name)}"]) } throws: {
            ($0 as? ToolError)?.code == .template && "\($0)".contains("could put a secret")
        }
    }

    @Test(
        "what is no list of words without a shell is refused",
        arguments: [
            ([], "{tool}"), (["esptool write {file}"], "{tool}"), (["sh", "-c", "x"], "{tool}"),
            (["{tool}", "{speed}"], "not known"), (["{tool}", "{tool}"], "first word"), (["{tool}", "{file"], "brace"),
            (["{tool}", "file}"], "brace"), (["{tool}", "x", "|", "y"], "shell"), (["{tool}", "$(id)"], "shell"),
            (["{tool}", "`id`"], "shell"), (["{tool}", "2>&1"], "shell"), (["{tool}", ""], "empty"),
            (["{tool}", "a\nb"], "control"),
        ])
    func refused(_ words: [String], _ text: String) {
        #expect { try ToolTemplate(words) } throws: { "\($0)".contains(text) }
    }

    @Test(
        "a shell is no flasher, wherever it lies",
        arguments: ["sh", "/bin/bash", "/usr/bin/env", "busybox", "sudo", "esptool --chip"])
    func shells(_ program: String) throws {
        let template = try ToolTemplate(["{tool}", "{file}"])
        let pattern = try ConsolePattern("(.*)")
        #expect {
            try ExternalTool(
                name: "x", program: program, versionArguments: [], versionPattern: pattern, write: template,
                verification: .status(template))
        } throws: { ($0 as? ToolError)?.code == .template }
    }

    @Test("a tool without verification is refused")
    func verification() throws {
        let template = try ToolTemplate(["{tool}", "{file}"])
        let pattern = try ConsolePattern("(.*)")
        #expect {
            try ExternalTool(
                name: "x", program: "x", versionArguments: [], versionPattern: pattern, write: template,
                verification: nil)
        } throws: { "\($0)".contains("no verification") }
    }

    @Test("the known tools' values are whole and carry no secret")
    func known() throws {
        let tools = [
            try ExternalTool.esptool(), try .dfuSe(), try .dfu(), try .openOCD(interface: "cmsis-dap"), try .pyOCD(),
            try .avrdude(), try .stm32flash(),
        ]
        #expect(tools.map(\.name) == ["esptool", "dfu-util", "dfu-util", "openocd", "pyocd", "avrdude", "stm32flash"])
        #expect(tools.allSatisfy { $0.write.uses(.file) && $0.write.words.first == "{tool}" })
        // A whole-chip erase would take the device credential with it.
        let erases = ["mass-erase", "--erase-all", "-e", "chip", "erase_chip"]
        #expect(tools.allSatisfy { tool in !tool.write.words.contains { erases.contains($0) } })
    }
}
