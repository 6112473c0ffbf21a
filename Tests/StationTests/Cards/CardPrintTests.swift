import Foundation
import Journal
import Provisioning
import Testing

extension ExecutableTests.Records {
    /// `station cards` printed by a real browser and read back by a foreign decoder.
    @Suite(
        "printed cards", .enabled(if: CardReader.browser != nil, "chromium is not installed"),
        .enabled("needs STATION_VENV with zxing-cpp, pypdfium2 and pillow") { await CardReader.canDecode() })
    struct CardPrintTests {
        @Test("every card of the printed sheet is read back as what it says", .timeLimit(.minutes(3)))
        func print() async throws {
            try await withTemporaryFolder { folder in
                let bed = CardBed(folder: folder)
                try await bed.setUp(slots: ["1", "2", "A-10"])
                let made = try await bed.cards(["--badges", folder + "/people.txt"])
                #expect(made.isSuccess, "\(made.error)")
                let mode = try FileManager.default.attributesOfItem(atPath: bed.sheet)[.posixPermissions]
                #expect((mode as? NSNumber)?.intValue == 0o600)

                let found = try await CardReader.read(bed.sheet, in: folder)
                let commands = CardText.Command.allCases.map { "PS1:CMD:" + $0.rawValue }
                let slots = ["1", "2", "A-10"].map { "PS1:SLOT:" + $0 }
                #expect(Set(found.filter { $0.format == "Code128" }.map(\.text)) == Set(commands + slots))
                let matrices = found.filter { $0.format == "DataMatrix" }.map(\.text)
                let badges = matrices.filter { $0.hasPrefix("PS1:BADGE:") }
                #expect(Set(matrices).subtracting(badges) == Set(commands + slots))
                #expect(badges.count == 2 && badges.contains("PS1:BADGE:LEADER-0001"))
                #expect(matrices.count == Set(matrices).count)
                #expect(Set(found.map(\.page)) == [1, 2, 3], "commands, slots, badges: a page each")
                // The random badge stands nowhere but in the sheet.
                let random = try #require(badges.first { $0 != "PS1:BADGE:LEADER-0001" })
                #expect(!(made.output + made.error).contains(random.dropFirst(10)))
            }
        }

        @Test("with --orders the open work orders have a card each, and only they", .timeLimit(.minutes(2)))
        func orders() async throws {
            try await withTemporaryFolder { folder in
                let bed = CardBed(folder: folder)
                try await bed.setUp(slots: ["1"])
                let open = try await bed.orders([.open, .draft, .closed])
                let made = try await bed.cards(["--orders", "--language", "en"])
                #expect(made.isSuccess, "\(made.error)")
                let found = try await CardReader.read(bed.sheet, in: folder).map(\.text)
                #expect(found.filter { $0.hasPrefix("PS1:ORDER:") } == ["PS1:ORDER:" + open])
            }
        }

        @Test("a sheet that is there is not written over", .timeLimit(.minutes(1)))
        func again() async throws {
            try await withTemporaryFolder { folder in
                let bed = CardBed(folder: folder)
                try await bed.setUp(slots: ["1"])
                try "kept".write(toFile: bed.sheet, atomically: true, encoding: .utf8)
                let refused = try await bed.cards([])
                #expect(!refused.isSuccess && refused.error.contains("is there already"))
                #expect(try String(contentsOfFile: bed.sheet, encoding: .utf8) == "kept")
            }
        }

        @Test("badges are not printed to a terminal or a pipe", .timeLimit(.minutes(1)))
        func pipe() async throws {
            try await withTemporaryFolder { folder in
                let bed = CardBed(folder: folder)
                try await bed.setUp(slots: ["1"])
                let refused = try await Program.station.run(
                    ["cards", "--config", bed.configuration, "--badges", folder + "/people.txt"])
                #expect(!refused.isSuccess && refused.output.isEmpty && refused.error.contains("--out FILE"))
            }
        }
    }
}

/// A station of which only the configuration is there.
private struct CardBed: Sendable {
    let folder: String

    var configuration: String { folder + "/station.toml" }
    var sheet: String { folder + "/sheet.html" }

    func setUp(slots: [String]) async throws {
        var text = """
            [station]
            id = "LINE-1"
            data = "data"

            [cloud]
            instance = "old-public"
            region = "cn-shanghai"
            mqtt_port = 1883
            access_key_id = "LTAICards"
            qps_share = 10

            """
        for (index, slot) in slots.enumerated() {
            text += """

                [[slots]]
                name = "\(slot)"
                profile = "esp32c3"
                port = "socket://127.0.0.1:\(7001 + index)"
                control = "socket://127.0.0.1:\(8001 + index)"

                """
        }
        try text.write(toFile: configuration, atomically: true, encoding: .utf8)
        try "张三\n李四,LEADER-0001\n".write(toFile: folder + "/people.txt", atomically: true, encoding: .utf8)
    }

    /// Makes orders in these states.
    /// - Returns: the first one's id.
    func orders(_ states: [WorkOrder.State]) async throws -> String {
        let journal = try Journal(folder: folder + "/data")
        try await journal.addRelease(
            Release(profile: "esp32c3", version: "1.0.0", images: [], sha256: "00"), actor: "test")
        var ids: [String] = []
        for state in states {
            let terms = WorkOrder.Terms(productKey: "a1Cards", release: "1.0.0", profile: "esp32c3", quota: 5)
            let order = try await journal.createOrder(terms, actor: "test")
            if state == .closed {
                try await journal.changeOrder(order.id, to: .closing, reason: "test", actor: "test")
            }
            if state != .draft {
                _ = try await journal.changeOrder(order.id, to: state, reason: "test", actor: "test")
            }
            ids.append(order.id)
        }
        return ids[0]
    }

    func cards(_ arguments: [String]) async throws -> Program.Ended {
        try await Program.station.run(["cards", "--config", configuration, "--out", sheet] + arguments)
    }
}

/// Prints a sheet and reads its barcodes.
private enum CardReader {
    struct Found: Sendable {
        let page: Int64
        let format: String
        let text: String
    }

    static let browser: Program? = Program.inPath("chromium")

    /// The Python of `STATION_VENV`.
    static let python = ProcessInfo.processInfo.environment["STATION_VENV"].map { Program(path: $0 + "/bin/python") }

    /// Whether it has what `decode.py` imports.
    static func canDecode() async -> Bool {
        guard let ended = try? await python?.run(["-c", "import PIL, pypdfium2, zxingcpp"]) else { return false }
        return ended.isSuccess
    }

    static func read(_ sheet: String, in folder: String) async throws -> [Found] {
        let (browser, python) = (try #require(browser), try #require(python))
        let pdf = folder + "/sheet.pdf"
        let printed = try await browser.run(
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
                "--user-data-dir=\(folder)/browser", "--print-to-pdf=\(pdf)", "file://" + sheet,
            ])
        #expect(printed.isSuccess, "\(printed.error)")
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("cards/decode.py").path
        let decoded = try await python.run([script, pdf])
        #expect(decoded.isSuccess, "\(decoded.error)")
        return try decoded.output.split(separator: "\n").map { line in
            let row = try JSONValue(parsing: String(line))
            return Found(
                page: row["page"].int ?? 0, format: row["format"].string ?? "", text: row["text"].string ?? "")
        }
    }
}

extension Program {
    /// A program in `PATH`; nil where there is none.
    fileprivate static func inPath(_ name: String) -> Program? {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }.map { Program(path: $0) }
    }
}
