import Execution
import Foundation
import Locking
import Provisioning
import Simulation
import Testing

@testable import station

extension CrashWorkflow {
    /// A first run of a station that asks the MES before, prints a label, waits for its scan, tells the MES after and
    /// drives the plant's lamps.
    static let plant = CrashWorkflow(
        name: "first run in a plant", around: withPlant,
        prepare: firstRun.prepare,
        stages: [
            Stage(name: "serve") { line, board, places in
                let start = try await line.journal.end()
                let name = line.bed.deviceName(board)
                return try await line.serve(places) {
                    let records = try await line.journal.follow()
                    let claim = records.last {
                        $0.kind == "claim.bound" && $0.body["device_name"].string == name
                    }
                    guard let unit = claim?.body["unit"].int else { return false }
                    func isThere(_ kind: String) -> Bool {
                        records.contains { $0.kind == kind && $0.body["unit"].int == unit }
                    }
                    guard isThere("label.confirmed") else {
                        // Whoever sends to a station that is gone would own its folder for a moment.
                        let sender = CommandSender(dataFolder: line.bed.data, profiles: [:], configuration: nil)
                        if isThere("label.sent"), sender.hasDaemon {
                            _ = try? await sender.send(.scanLabel(text: name, slot: "slot-1"))
                        }
                        return false
                    }
                    let ends = records.filter { $0.kind == "run.concluded" }
                    let told = line.plantRuns.now
                    return ends.contains { $0.seq > start && $0.body["outcome"].string != "interrupted" }
                        && ends.allSatisfy { told.contains($0.body["run"].int ?? 0) }
                }
            }
        ],
        check: { line, board in
            try await line.expectPassed(board)
            let records = try await line.journal.follow()
            let name = line.bed.deviceName(board)
            let unit = records.last { $0.kind == "claim.bound" && $0.body["device_name"].string == name }?.body["unit"]
            let labels = records.filter { $0.kind == "label.sent" && $0.body["unit"] == unit }
            let copies = labels.compactMap { $0.body["copy"].int }
            #expect(copies == copies.indices.map { Int64($0 + 1) }, "\(name): copies \(copies)")
            #expect(records.count { $0.kind == "label.confirmed" && $0.body["unit"] == unit } == 1)
            // Told at least once, each in its turn.
            let told = line.plantRuns.now
            #expect(told == told.sorted(), "\(told.suffix(10))")
        })

    @Sendable
    private static func withPlant(
        _ line: CrashLine, _ body: @escaping @Sendable (CrashLine) async throws -> Void
    ) async throws {
        let runs = line.plantRuns
        let answer: PlantServer.Script = { _, call in
            let call = call.json
            if call["event"] == "run.concluded", let run = call["run"].int { runs.withLock { $0.append(run) } }
            return call["event"] == "run.before" ? .status(200, #"{"answer":"allow"}"#) : .status(200)
        }
        try await PlantServer.with(answer) { plant in
            try await PlantPrinter.with { printer in
                let home = try StationHome.locate().folder
                let tables = """

                    [andon]
                    url = "\(plant.url)/andon"

                    [mes]
                    before_run = "\(plant.url)/before"
                    after_run = "\(plant.url)/after"

                    [labels]
                    printer = "socket://127.0.0.1:\(printer.port)"
                    template = "\(home)/labels/device.zpl"

                    """
                let text = try String(contentsOfFile: line.bed.configuration, encoding: .utf8)
                try (text + tables).write(toFile: line.bed.configuration, atomically: true, encoding: .utf8)
                try await line.bed.station("secret", "set", "mes/key", input: "shared-with-the-mes\n")
                try await body(line)
            }
        }
    }
}
