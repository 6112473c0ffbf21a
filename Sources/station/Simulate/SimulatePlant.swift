import ArgumentParser
import Foundation
import Provisioning
import Simulation

/// `station simulate plant`: a MES, an andon and a label printer that print what they are told, until SIGTERM or SIGINT.
struct SimulatePlant: AsyncParsableCommand {
    /// What the MES answers before a run.
    enum Answer: String, CaseIterable, ExpressibleByArgument {
        case allow, hold, fail, silent

        var reply: PlantServer.Reply {
            switch self {
            case .allow: .status(200, #"{"answer":"allow"}"#)
            case .hold: .status(200, #"{"answer":"refuse","as":"hold","text":"held by the simulated MES"}"#)
            case .fail: .status(200, #"{"answer":"refuse","as":"fail","text":"refused by the simulated MES"}"#)
            case .silent: .silence
            }
        }
    }

    static let configuration = CommandConfiguration(
        commandName: "plant", abstract: "Run a MES, an andon and a label printer that print what they are told.",
        discussion: """
            First it prints the tables for station.toml, then each call as a line of JSON and each label as its text.
            """)

    @Option(help: "What the MES answers before a run: allow, hold, fail or silent.") var mes = Answer.allow
    @Option(help: ArgumentHelp("Port of MES and andon; 0 = a free one.", valueName: "port")) var httpPort = 0
    @Option(help: ArgumentHelp("Port of the label printer; 0 = a free one.", valueName: "port")) var labelPort = 0

    /// One line at once, also into a pipe.
    private static func say(_ text: String) {
        try? FileHandle.standardOutput.write(contentsOf: Data((text + "\n").utf8))
    }

    private static func tables(_ url: String, _ port: Int) -> String {
        """
        [andon]
        url = "\(url)"

        [mes]
        before_run = "\(url)"
        after_run = "\(url)"

        [labels]
        printer = "socket://127.0.0.1:\(port)"
        template = "labels/device.zpl"

        """
    }

    func run() async throws {
        let answer = mes.reply
        let script: PlantServer.Script = { _, call in
            Self.say(call.json.text)
            return call.json["event"] == "run.before" ? answer : .status(200)
        }
        let (httpPort, labelPort) = (httpPort, labelPort)
        try await runUntilSignal {
            do {
                try await PlantServer.with(port: httpPort, script) { server in
                    try await PlantPrinter.with(port: labelPort, onLabel: { Self.say($0) }) { printer in
                        Self.say(Self.tables(server.url, printer.port))
                        while !Task.isCancelled { try await Task.sleep(for: .seconds(3600)) }
                    }
                }
            } catch is CancellationError {
                // It was asked to end.
            } catch { note("the stand-in for the plant ended: \(error)") }
        }
    }
}
