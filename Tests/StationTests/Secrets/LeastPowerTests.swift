import Foundation
import Provisioning
import Testing

@Suite("no more power than is used")
struct LeastPowerTests {
    private static func text(_ path: String) throws -> String {
        try String(contentsOfFile: Program.sources + "/" + path, encoding: .utf8)
    }

    /// The Swift sources below these folders of `Sources`, one text.
    private static func sources(_ folders: String...) throws -> String {
        try folders.flatMap { folder in
            try FileManager.default.subpathsOfDirectory(atPath: Program.sources + "/Sources/" + folder)
                .filter { $0.hasSuffix(".swift") }.sorted().map { try text("Sources/\(folder)/\($0)") }
        }.joined(separator: "\n")
    }

    private static func actions(_ policy: String) throws -> Set<String> {
        let json = try JSONValue(parsing: text("Station/ram/\(policy).json"))
        let statements = json["Statement"].array ?? []
        #expect(statements.allSatisfy { $0["Effect"].string == "Allow" })
        return Set(statements.flatMap { ($0["Action"].array ?? []).compactMap(\.string) })
    }

    @Test("the cloud account's two policies allow the calls that the sources make, and no other")
    func policies() throws {
        // A call stands in the function that makes it; it is used where that function is called.
        let client = try Self.sources("AliyunIoT")
        let users = try Self.sources("Execution", "station", "AliyunIoT/Batch", "AliyunIoT/Diagnosis", "AliyunIoT/Poll")
        let function = #/(?:func|struct) (?<name>[A-Za-z]+)/#
        let call = #/(?<kind>OpenAPICall|change)\(\s*"(?<action>[A-Za-z]+)"/#
        var (used, changing): (Set<String>, Set<String>) = ([], [])
        for match in client.matches(of: call) {
            let before = client[..<match.range.lowerBound]
            let name = before.matches(of: function).last.map { String($0.output.name) } ?? ""
            let wanted = name == "DeviceSequence" || name == "listDevices" ? "devices" : name
            let action = "iot:" + match.output.action
            if users.contains("." + wanted + "(") { used.insert(action) }
            if match.output.kind == "change" { changing.insert(action) }
        }
        #expect(used.count > 18, "\(used)")
        let (line, workflow) = (try Self.actions("line"), try Self.actions("workflow"))
        #expect(line.union(workflow) == used)
        // What changes a device is the second key's; keeping one ClientID is a run's work, too.
        #expect(workflow == changing)
        #expect(line.intersection(workflow) == ["iot:TransformClientId"])
    }

    private static let analyze = "/usr/bin/systemd-analyze"

    @Test(
        "the systemd unit's exposure is at most 2.0 of 10, and what matters most is in it",
        .enabled(if: FileManager.default.isExecutableFile(atPath: analyze), "there is no systemd-analyze"))
    func unit() async throws {
        let unit = Program.sources + "/Station/systemd/provisioning-station.service"
        let ended = try await Program(path: Self.analyze).run(["security", "--offline=true", "--no-pager", unit])
        let match = try #require(
            ended.output.firstMatch(of: #/exposure level for [^:]+: (?<whole>\d+)\.(?<tenth>\d)/#), "\(ended.error)")
        let score = (Int(match.output.whole) ?? 99) * 10 + (Int(match.output.tenth) ?? 9)
        #expect(score <= 20, "\(ended.output)")
        for line in [
            "NoNewPrivileges=yes", "ProtectSystem=strict", "LimitCORE=0", "DevicePolicy=closed",
            "CapabilityBoundingSet=",
        ] {
            #expect(try Self.text("Station/systemd/provisioning-station.service").contains("\n\(line)\n"))
        }
    }

    @Test(
        "the bill of materials names every pinned package and every library that is loaded, with its version",
        .enabled(if: IndependentCheck.python != nil, "there is no python3"))
    func bill() async throws {
        let ended = try await Program(path: IndependentCheck.python ?? "").run(
            ["-B", Program.sources + "/Station/sbom.py", Program.station.path])
        let bill = try JSONValue(parsing: ended.output)
        #expect(bill["bomFormat"].string == "CycloneDX" && bill["specVersion"].string == "1.5")
        let components = bill["components"].array ?? []
        let found = Dictionary(
            components.map { ($0["name"].string ?? "", $0["version"].string) }, uniquingKeysWith: { first, _ in first })
        let pins = try JSONValue(parsing: Self.text("Package.resolved"))["pins"].array ?? []
        #expect(pins.count > 20)
        for pin in pins {
            #expect(found[pin["identity"].string ?? ""] == pin["state"]["version"].string, "\(pin)")
        }
        let files = Set(
            components.flatMap { $0["properties"].array ?? [] }.filter { $0["name"].string == "file" }
                .compactMap { $0["value"].string })
        let loaded = try await Program(path: "/usr/bin/ldd").run([Program.station.path]).output
            .split(separator: "\n").filter { $0.contains("=> /") }
            .compactMap { $0.split(separator: " ").first.map { $0.trimmingCharacters(in: .whitespaces) } }
        #expect(loaded.count > 8)
        #expect(Set(loaded).subtracting(files).isEmpty, "\(Set(loaded).subtracting(files))")
    }
}
