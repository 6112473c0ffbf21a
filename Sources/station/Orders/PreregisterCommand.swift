import ArgumentParser
import Execution
import Foundation
import Journal
import Provisioning

/// `station order preregister`: DeviceNames of boards that are known in advance.
struct PreregisterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "preregister",
        abstract: "Creates the DeviceNames of identities that are known in advance, from a CSV file.",
        discussion: """
            One identity a line, in the first column or in the one headed `identity`, `mac`, `imei` or `sn`. All problems \
            of the file are named at once; with one of them nothing is created. The names are created in batches of up to \
            10,000 by the cloud's own batch calls; every name gets an outcome.

            A running daemon works the batches off by itself; without one this command does. Cut off, it goes on where it \
            stood: give the same file again.

            Example:
              station order preregister WO-0001 macs.csv --report names.csv --config station.toml
            """)

    @Argument(help: "The order, such as WO-0001.") var id: String
    @Argument(help: ArgumentHelp("The list.", valueName: "file.csv")) var file: String
    @Option(help: ArgumentHelp("Write every name with its outcome to this CSV file.", valueName: "file")) var report:
        String?
    @OptionGroup var station: StationOptions

    func run() async throws {
        let csv: String
        do { csv = try String(contentsOfFile: file, encoding: .utf8) } catch {
            throw ValidationError("\(file) cannot be read as UTF-8 text: \((error as NSError).localizedDescription)")
        }
        let sender = try station.sender()
        let taken = try await sender.send(.preregister(order: id, csv: csv))
        note("\(taken["names"].int ?? 0) names are on record for \(id)")
        let folder = try station.dataFolder()
        if sender.hasDaemon {
            try await follow(try Journal(folder: folder, access: .readOnly))
        } else {
            try await workOff(sender)
        }
        try await conclude(try Journal(folder: folder, access: .readOnly))
    }

    /// The daemon works: its journal tells how far.
    private func follow(_ journal: Journal) async throws {
        var shown = ""
        while let progress = try await journal.batchProgress(order: id) {
            show(progress, &shown)
            if progress.openBatches == 0 { return }
            if let state = try await journal.order(id)?.state, state.isOver {
                return note("order \(id) is \(state.rawValue): its open batches are not worked off any more")
            }
            try await Task.sleep(for: .seconds(1))
        }
    }

    private func workOff(_ sender: CommandSender) async throws {
        let id = id
        try await sender.alone { journal in
            try await sender.withCloud { desk in
                let registrar = Preregistrar(journal: journal, api: desk.api, actor: sender.actor) { note($0) }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await registrar.workOff() }
                    group.addTask {
                        var shown = ""
                        while !Task.isCancelled {
                            if let progress = try await journal.batchProgress(order: id) { show(progress, &shown) }
                            do { try await Task.sleep(for: .seconds(1)) } catch { return }
                        }
                    }
                    defer { group.cancelAll() }
                    try await group.next()
                }
            }
        }
    }

    private func show(_ progress: BatchProgress, _ shown: inout String) {
        let text =
            "\(progress.created) of \(progress.listed) created, \(progress.refused) refused, \(progress.openBatches) "
            + "batches open"
        if text != shown { note(text) }
        shown = text
    }

    private func conclude(_ journal: Journal) async throws {
        let names = try await journal.listedNames(order: id)
        let created = names.count { $0.outcome == "created" }
        if let report {
            let rows = names.map { name in
                [name.name, name.outcome ?? "open", name.iotID ?? "", name.reason ?? ""].map(Self.cell)
                    .joined(separator: ",")
            }
            let text = "\u{FEFF}" + (["device_name,outcome,iot_id,reason"] + rows).joined(separator: "\r\n") + "\r\n"
            try text.write(toFile: report, atomically: true, encoding: .utf8)
            note("\(names.count) names with their outcomes: \(report)")
        }
        for name in names.filter({ $0.outcome != "created" }).prefix(20) {
            print("\(name.name)  \(name.outcome ?? "open")  \(name.reason ?? "")")
        }
        print("\(created) of \(names.count) names created for \(id)")
        if created < names.count { throw ExitCode.failure }
    }

    /// Text of a CSV cell; what a spreadsheet would take for a formula is made text.
    private static func cell(_ text: String) -> String {
        let safe = text.first.map { "=+-@".contains($0) } == true ? "'" + text : text
        guard safe.contains(where: { ",\"\r\n".contains($0) }) else { return safe }
        return "\"" + safe.replacing("\"", with: "\"\"") + "\""
    }
}
