import Foundation
import Provisioning
import Testing

@testable import Bench

@Suite("Identity of external programs") struct ToolIdentityTests {
    private func tool(_ path: String, sha256: String? = nil) throws -> ExternalTool {
        let template = try ToolTemplate(["{tool}", "{file}"])
        return try ExternalTool(
            name: "fake", program: path, versionArguments: ["--version"],
            versionPattern: ConsolePattern(#"fake (\S+)"#),
            expectedSHA256: sha256, write: template, verification: .status(template))
    }

    @Test("version and digest are read once, and again once the file has changed")
    func cached() async throws {
        try await ToolBed.with { bed in
            let path = try bed.script("fake", "echo 'fake 1.2.3-rc1 (x)'; exit 1")
            let reader = ToolIdentityReader()
            let first = try await reader.read(tool(path))
            #expect(first.version == "1.2.3-rc1" && first.path == path && first.isUnchanged)
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            #expect(first.sha256 == Digest.hex(Digest.sha256([UInt8](bytes))))
            #expect(try await reader.read(tool(path)) == first)
            #expect(await reader.readings == 1)
            _ = try bed.script("fake", "echo 'fake 2.0'")
            #expect(!first.isUnchanged)
            #expect(try await reader.read(tool(path)).version == "2.0")
            #expect(await reader.readings == 2)
        }
    }

    @Test("another file than expected is an error that names both digests, and is not run")
    func mismatch() async throws {
        try await ToolBed.with { bed in
            let path = try bed.script("fake", "touch '\(bed.path("ran"))'; echo 'fake 1.0'")
            let expected = String(repeating: "ab", count: 32)
            let found = Digest.hex(Digest.sha256([UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))))
            let tool = try tool(path, sha256: expected)
            await #expect { try await ToolIdentityReader().read(tool) } throws: {
                ($0 as? ToolError)?.code == .mismatch && "\($0)".contains(expected) && "\($0)".contains(found)
            }
            #expect(!FileManager.default.fileExists(atPath: bed.path("ran")))
            #expect(try await ToolIdentityReader().read(self.tool(path, sha256: found.uppercased())).version == "1.0")
        }
    }

    @Test("a missing program, a silent one and a link to a shell are errors of their own")
    func failures() async throws {
        try await ToolBed.with { bed in
            let silent = try bed.script("silent", "exit 0")
            try FileManager.default.createSymbolicLink(atPath: bed.path("link"), withDestinationPath: "/bin/sh")
            let cases: [(String, ToolError.Code)] = [
                (bed.path("nothing"), .missing), ("no-such-flasher", .missing), (silent, .version),
                (bed.path("link"), .template),
            ]
            for (path, code) in cases {
                // The shell's real name may be another one (dash), which is a shell as well.
                let tool = try tool(path)
                await #expect { try await ToolIdentityReader().read(tool) } throws: { ($0 as? ToolError)?.code == code }
            }
        }
    }

    @Test("dfu-util tells its version", .enabled(if: Peer.isThere("dfu-util"), "dfu-util is not installed"))
    func dfuUtil() async throws {
        let identity = try await ToolIdentityReader().read(.dfuSe())
        #expect(identity.version.hasPrefix("0.") && identity.sha256.count == 64)
    }

    @Test("stm32flash tells its version", .enabled(if: Peer.isThere("stm32flash"), "stm32flash is not installed"))
    func stm32flash() async throws {
        #expect(try await ToolIdentityReader().read(.stm32flash()).version.hasPrefix("0."))
    }

    @Test(
        "esptool tells its version",
        .enabled(if: Peer.isThere(Peer.esptool), "needs STATION_VENV, a Python environment with esptool"))
    func esptool() async throws {
        let identity = try await ToolIdentityReader().read(.esptool(program: try #require(Peer.esptool)))
        #expect(identity.version.hasPrefix("5."))
        #expect(identity.name == "esptool")
    }
}
