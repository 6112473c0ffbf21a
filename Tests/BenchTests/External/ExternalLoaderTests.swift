import Foundation
import Locking
import Provisioning
import Testing

@testable import Bench

@Suite("A board written by an external program") struct ExternalLoaderTests {
    /// Plays a flasher: the port is a file that holds the flash. Checks the modes of the image's file and folder, and
    /// leaves its arguments beside the flash.
    private static let flasher = #"""
        tr '\0' '\n' < /proc/$$/cmdline >> "$2.arguments"
        place=$(printf '%d' "$3")
        case $1 in
        --version) echo 'fake 1.0'; exit 0;;
        write)
            modes="$(stat -c %a "$5") $(stat -c %a "$(dirname "$5")")"
            [ "$modes" = '600 700' ] || { echo 'bad modes'; exit 9; }
            printf 'Erasing\nWriting 0.0%%\rWriting 25.0%%\rWriting 50.5%%\r'
            dd if="$5" of="$2" bs=4 seek=$((place / 4)) conv=notrunc 2>/dev/null
            printf 'Writing 100.0%%\r\nWrote it\n';;
        read) dd if="$2" of="$5" bs=4 skip=$((place / 4)) count=$(($4 / 4)) 2>/dev/null;;
        verify)
            dd if="$2" bs=4 skip=$((place / 4)) count=$(($4 / 4)) 2>/dev/null | cmp -s - "$5" && exit 0
            echo 'differs'; exit 2;;
        esac
        """#

    private static func tool(
        _ program: String, readsBack: Bool = true, written: String? = "Wrote it", limit: Duration = .seconds(120)
    ) throws -> ExternalTool {
        func template(_ verb: String) throws -> ToolTemplate {
            try ToolTemplate(["{tool}", verb, "{port}", "{offset}", "{size}", "{file}"])
        }
        return try ExternalTool(
            name: "fake", program: program, versionArguments: ["--version", "/dev/null"],
            versionPattern: ConsolePattern("fake (.*)"), write: template("write"),
            written: written.map { try ConsolePattern($0) },
            verification: readsBack ? .readBack(template("read")) : .status(template("verify")),
            progress: ConsolePattern(#"Writing (\d+(?:\.\d+)?)%"#),
            failures: [.init(ConsolePattern("no target"), .noResponse), .init(ConsolePattern("0107"), .noise)],
            limit: limit)
    }

    /// Runs `body` with a loader on a thread that may block.
    private static func withLoader<R: Sendable>(
        _ bed: ToolBed, _ tool: ExternalTool, secrets: [Secret] = [], ports: Ports = Ports(),
        _ body: @escaping @Sendable (ExternalLoader) throws -> R
    ) async throws -> R {
        let identity = try await ToolIdentityReader().read(tool)
        let (flash, scratch) = (bed.path("flash"), bed.path("scratch"))
        if !FileManager.default.fileExists(atPath: flash) {
            _ = FileManager.default.createFile(atPath: flash, contents: Data(repeating: 0xFF, count: 32768))
        }
        try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
        return try await BlockingHand().perform {
            let loader = ExternalLoader(
                tool, identity: identity, target: .init(port: flash, slot: "1"), secrets: secrets, scratch: scratch,
                releasePort: { ports.calls.withLock { $0.append("release") } },
                takePort: { ports.calls.withLock { $0.append("take") } })
            defer {
                let left = try? FileManager.default.contentsOfDirectory(atPath: scratch)
                #expect(left == [], "images must be gone")
            }
            return try body(loader)
        }
    }

    private final class Ports: Sendable { let calls = Locked<[String]>([]) }

    private static let region = FlashRegion(
        name: "app", offset: 0x1000, image: (0..<4094).map { UInt8(truncatingIfNeeded: $0 &* 7) })

    @Test("writes, reports progress, compares, and then finds the region in place", arguments: [true, false])
    func writes(readsBack: Bool) async throws {
        try await ToolBed.with { bed in
            let ports = Ports()
            let tool = try Self.tool(bed.script("fake", Self.flasher), readsBack: readsBack)
            let events = try await Self.withLoader(bed, tool, ports: ports) { loader in
                #expect(!loader.readsIdentity && loader.baud == 0)
                #expect(throws: LoaderError.self) { try loader.readBoard() }
                #expect(try loader.prepareFlash(end: 0x2000) == nil)
                #expect(try !loader.holds(Self.region))
                var events: [FlashEvent] = []
                #expect(try !loader.write(Self.region) { events.append($0) })
                try loader.verify(Self.region) { events.append($0) }
                #expect(try loader.holds(Self.region))
                #expect(loader.traffic.sent == 4096)
                guard case .tool("fake", "1.0", let sha256) = loader.method else {
                    Issue.record("\(loader.method)")
                    return events
                }
                #expect(sha256.count == 64)
                return events
            }
            let sent = [0, 1024, 2068, 4096, 4096].map { FlashEvent.writing(region: "app", sent: $0, total: 4096) }
            let md5 = Digest.hex(Digest.md5(Self.region.padded))
            #expect(events == sent + [.verifying(region: "app"), .verified(region: "app", md5: md5)])
            #expect(ports.calls.withLock { $0 } == Array(repeating: ["release", "take"], count: 4).flatMap { $0 })
            let flash = try Data(contentsOf: URL(fileURLWithPath: bed.path("flash")))
            #expect([UInt8](flash[0x1000..<0x2000]) == Self.region.padded)
        }
    }

    @Test("a byte that differs is named with its address")
    func differs() async throws {
        try await ToolBed.with { bed in
            let tool = try Self.tool(bed.script("fake", Self.flasher))
            let error = try await Self.withLoader(bed, tool) { loader in
                _ = try loader.write(Self.region) { _ in }
                let file = try FileHandle(forUpdating: URL(fileURLWithPath: bed.path("flash")))
                try file.seek(toOffset: 0x1123)
                try file.write(contentsOf: Data([Self.region.image[0x123] ^ 0x10]))
                try file.close()
                return #expect(throws: LoaderError.self) { try loader.verify(Self.region) { _ in } }
            }
            #expect(error?.kind == .verifyMismatch && error?.address == 0x1123 && error?.region == "app")
        }
    }

    @Test("a read that comes back short does not count as equal")
    func short() async throws {
        try await ToolBed.with { bed in
            _ = FileManager.default.createFile(atPath: bed.path("flash"), contents: Data(repeating: 0xFF, count: 16))
            let tool = try Self.tool(
                bed.script("fake", Self.flasher.replacing("count=$(($4 / 4))", with: "count=1000")))
            let error = try await Self.withLoader(bed, tool) { loader in
                _ = try loader.write(Self.region) { _ in }
                return #expect(throws: LoaderError.self) { try loader.verify(Self.region) { _ in } }
            }
            #expect(error?.kind == .verifyMismatch && error?.address == 0x1000 + 4000)
        }
    }

    @Test(
        "a failure is told by the profile's patterns, else by how the program ended",
        arguments: [
            ("echo 'no target found'; exit 1", LoaderError.Kind.noResponse, "no target found"),
            ("echo 'result was 0107'; exit 1", .noise, "0107"), ("echo oops >&2; exit 5", .blockWrite, "status 5"),
            ("kill -9 $$", .blockWrite, "signal 9"), ("echo fine; exit 0", .blockWrite, "did not print"),
        ])
    func fails(_ body: String, _ kind: LoaderError.Kind, _ text: String) async throws {
        try await ToolBed.with { bed in
            let ports = Ports()
            let script = try bed.script("fake", "[ \"$1\" = --version ] && { echo fake 1; exit 0; }\n\(body)")
            let tool = try Self.tool(script)
            let error = try await Self.withLoader(bed, tool, ports: ports) { loader in
                #expect(throws: LoaderError.self) { _ = try loader.write(Self.region) { _ in } }
            }
            #expect(error?.kind == kind && error?.description.contains(text) == true, "\(String(describing: error))")
            #expect(ports.calls.withLock { $0 } == ["release", "take"])
        }
    }

    @Test("a program that does not end is stopped at its limit, and the port is taken back")
    func hangs() async throws {
        try await ToolBed.with { bed in
            let ports = Ports()
            let script = try bed.script("fake", "[ \"$1\" = --version ] && { echo fake 1; exit 0; }\nsleep 600")
            let error = try await Self.withLoader(bed, try Self.tool(script, limit: .milliseconds(200)), ports: ports) {
                loader in
                #expect(throws: LoaderError.self) { _ = try loader.write(Self.region) { _ in } }
            }
            #expect(error?.kind == .noResponse && error?.sentence.contains("was stopped") == true)
            #expect(ports.calls.withLock { $0 } == ["release", "take"])
        }
    }

    @Test("a cancelled write ends the program and leaves no image behind")
    func cancelled() async throws {
        try await ToolBed.with { bed in
            let ports = Ports()
            let script = try bed.script(
                "fake",
                "[ \"$1\" = --version ] && { echo fake 1; exit 0; }\necho $$ > '\(bed.path("pid.new"))'; "
                    + "mv '\(bed.path("pid.new"))' '\(bed.path("pid"))'; sleep 600")
            let tool = try Self.tool(script)
            await #expect {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        try await Self.withLoader(bed, tool, ports: ports) { loader in
                            _ = try loader.write(Self.region) { _ in }
                        }
                    }
                    while !FileManager.default.fileExists(atPath: bed.path("pid")) { await Task.yield() }
                    group.cancelAll()
                    try await group.waitForAll()
                }
            } throws: { ($0 as? LoaderError)?.kind == .cancelled }
            let text = try String(contentsOfFile: bed.path("pid"), encoding: .utf8)
            let process = try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)))
            #expect(await ToolBed.haveEnded([process]))
            #expect(ports.calls.withLock { $0 } == ["release", "take"])
        }
    }

    @Test("a program that was replaced since its digest was taken is not run")
    func replaced() async throws {
        try await ToolBed.with { bed in
            let tool = try Self.tool(bed.script("fake", Self.flasher))
            let error = try await Self.withLoader(bed, tool) { loader in
                _ = try bed.script("fake", "touch '\(bed.path("ran"))'; exit 0")
                return #expect(throws: LoaderError.self) { _ = try loader.write(Self.region) { _ in } }
            }
            #expect(error?.kind == .stub && error?.sentence.contains("replaced") == true)
            #expect(!FileManager.default.fileExists(atPath: bed.path("ran")))
        }
    }

    @Test("what a killed station has left is removed at the next start, and nothing else; not what is in use")
    func leftovers() async throws {
        try await ToolBed.with { bed in
            let inUse = try ScratchFolder(in: bed.folder.path)
            let image = try inUse.write([1, 2, 3], name: "image.bin")
            let left = bed.path("station-flash-AbCdEf")
            try FileManager.default.createDirectory(atPath: left, withIntermediateDirectories: true)
            try Data([1, 2, 3]).write(to: URL(fileURLWithPath: "\(left)/image.bin"))
            let other = try bed.script("other", "exit 0")
            ScratchFolder.removeLeftovers(in: bed.folder.path)
            #expect(!FileManager.default.fileExists(atPath: left))
            #expect(FileManager.default.fileExists(atPath: other))
            #expect(FileManager.default.fileExists(atPath: image))
            inUse.remove()
            #expect(!FileManager.default.fileExists(atPath: inUse.path))
        }
    }

    @Test("a command without an address writes only at 0")
    func address() async throws {
        try await ToolBed.with { bed in
            var tool = try Self.tool(bed.script("fake", Self.flasher))
            tool.write = try ToolTemplate(["{tool}", "write", "{port}", "0", "{size}", "{file}"])
            let error = try await Self.withLoader(bed, tool) { loader in
                #expect(throws: LoaderError.self) { _ = try loader.write(Self.region) { _ in } }
            }
            #expect(error?.sentence.contains("writes only at 0") == true)
        }
    }

    @Test("a secret in the image reaches no argument list and no error text, however the program prints it")
    func secret() async throws {
        try await ToolBed.with { bed in
            let text = "S3cretOfProduct/7+x"
            let script = try bed.script(
                "fake",
                Self.flasher.replacing(
                    "printf 'Erasing",
                    with: """
                        head -c \(text.utf8.count) "$5"; echo
                        head -c \(text.utf8.count) "$5" | od -An -v -tx1 -w64 | tr -d ' '
                        head -c \(text.utf8.count) "$5" | od -An -v -tx1 -w64
                        head -c \(text.utf8.count) "$5" | base64 -w0; echo
                        (printf 'ab'; head -c \(text.utf8.count) "$5") | base64 -w0; echo
                        exit 7
                        printf 'Erasing
                        """))
            let region = FlashRegion(
                name: "cred", offset: 0, image: Array(text.utf8) + [UInt8](repeating: 0, count: 64))
            let tool = try Self.tool(script)
            let error = try await Self.withLoader(bed, tool, secrets: [Secret(text)]) { loader in
                #expect(throws: LoaderError.self) { _ = try loader.write(region) { _ in } }
            }
            let told = try #require(error).description
            let arguments = try String(contentsOfFile: bed.path("flash.arguments"), encoding: .utf8)
            #expect(told.contains("status 7") && told.contains("<secret>"))
            let bytes = Array(text.utf8)
            let forms = [
                text, Digest.hex(bytes), bytes.map { Digest.hex([$0]) }.joined(separator: " "),
                Data(bytes).base64EncodedString(),
                String(Data(Array("ab".utf8) + bytes).base64EncodedString().dropFirst(3)),
            ]
            #expect(arguments.contains("write"))
            for form in forms {
                // Without the padding and the character that what follows decides.
                let core = String(form.replacing("=", with: "").dropLast())
                #expect(!told.contains(core) && !arguments.contains(core))
            }
        }
    }
}
