import ArgumentParser
import Execution
import Foundation
import Journal
import Provisioning
import Reports

/// Reconciliation of an order: journal, cloud and, where there is one, packing list.
struct ReconcileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Lays journal, cloud and packing list of an order beside each other, and acts on what differs.",
        discussion: """
            Every name of the order, and every name of its product that nothing explains, gets a class, an owner and one safe \
            action. A batch closes at zero open rows. The cloud is only read; `act` alone changes something.

              station reconcile WO-0001 --config station.toml
              station reconcile WO-0001 --packed boxes.csv --format csv --output WO-0001.csv --config station.toml
              station reconcile show WO-0001 --config station.toml
              station reconcile act WO-0001 --class registered-never-flashed --reason "order is over" --config station.toml
              station reconcile act WO-0001 --class active-not-ours --name 7CDFA1000104 --reason "unknown" --config station.toml

            Exit status: 0 no row is open, 3 rows are open, anything else: it could not be done.
            A reading that was cut off goes on where it stood when the command is given again.
            """,
        subcommands: [Run.self, Show.self, Act.self], defaultSubcommand: Run.self)

    /// What says that rows are open.
    static let openRows = ExitCode(3)

    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "run", abstract: "Reconciles an order (the default).",
            discussion: """
                --packed takes a CSV file, a list, or what a scanner wrote, one board a line: a DeviceName or an identity in \
                the first column or in the one headed device_name, identity, mac, imei, sn or iccid. All problems of the \
                file are named at once; with one of them nothing is done.
                """)

        @Argument(help: "The order, such as WO-0001.") var order: String
        @Option(help: ArgumentHelp("What was packed.", valueName: "file")) var packed: String?
        @OptionGroup var options: ReconcileOutput
        @OptionGroup var station: StationOptions

        /// Answers in a row that the cloud is in trouble before it is given up.
        private static let mostTroubles = 20

        func run() async throws {
            let list = try packed.map { file in
                do { return try String(contentsOfFile: file, encoding: .utf8) } catch {
                    throw ValidationError("\(file) cannot be read as UTF-8 text: \(error.localizedDescription)")
                }
            }
            let sender = try station.sender()
            var troubles = 0
            while true {
                let answer = try await sender.send(.reconcile(order: order, packed: list))
                switch answer["state"].string {
                case "concluded":
                    guard let result = ReconcileResult(json: answer["result"]) else {
                        throw ValidationError("the answer is no result: \(answer.text.prefix(200))")
                    }
                    return try options.write(result, ReconcileFiles(dataFolder: try station.dataFolder()))
                case "waiting":
                    troubles += 1
                    note("the cloud: \(answer["trouble"].string ?? "?")")
                    guard troubles < Self.mostTroubles else {
                        throw ValidationError(
                            "the cloud could not be read; give the command again and it goes on where it stood")
                    }
                    try await Task.sleep(for: .seconds(2))
                case "asking":
                    troubles = 0
                    note("\(answer["left"].int ?? 0) devices are still to be asked for")
                default:
                    troubles = 0
                    let total = answer["total"].int.map { " of \($0)" } ?? ""
                    note("\(answer["devices"].int ?? 0)\(total) devices read")
                }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Shows an order's last reconciliation again.")

        @Argument(help: "The order, such as WO-0001.") var order: String
        @OptionGroup var options: ReconcileOutput
        @OptionGroup var station: StationOptions

        func run() async throws {
            let folder = try station.dataFolder()
            let journal = try Journal(folder: folder, access: .readOnly)
            guard let last = try await journal.lastReconciliation(order: order),
                let result = ReconcileResult(json: last.body)
            else {
                throw ValidationError("order \(order) was not reconciled yet; `station reconcile \(order)` does it")
            }
            try options.write(result, ReconcileFiles(dataFolder: folder))
        }
    }

    struct Act: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "act", abstract: "Does the one safe thing about rows of the last reconciliation.",
            discussion: """
                Each row is looked at again, in journal and cloud, before anything is done; where it is not what it was, \
                nothing is. At most 100 rows at a go. It may be given again after it was cut off. What changes the cloud \
                goes under the second AccessKey and is on record before it is done.
                """)

        @Argument(help: "The order, such as WO-0001.") var order: String
        @Option(name: .customLong("class"), help: ArgumentHelp("The rows' class.", valueName: "class")) var rowClass:
            String?
        @Option(help: ArgumentHelp("One row's DeviceName; default: every row of the class.", valueName: "name"))
        var name: String?
        @Option(
            help: ArgumentHelp(
                "Another action than the row's own: baseline, for a name that is known elsewhere.", valueName: "key"))
        var action: String?
        @Option(help: "The ClientID to keep, where the journal knows none.") var clientID: String?
        @Option(help: "Why, for the journal.") var reason: String
        @Option(help: "The second person, where two sign.") var second: String?
        @Flag(help: "Print JSON.") var json = false
        @OptionGroup var station: StationOptions

        func validate() throws {
            guard rowClass != nil || name != nil else { throw ValidationError("name --class, --name or both") }
        }

        func run() async throws {
            let request = ReconcileRequest(
                order: order, rowClass: rowClass, deviceName: name, action: action, clientID: clientID, reason: reason,
                second: second)
            let answer = try await station.sender().send(.reconcileAct(request))
            let rows = answer["rows"].array ?? []
            if json {
                print(answer.text)
            } else {
                for row in rows {
                    print(
                        "\(row["device_name"].string ?? "?")  \(row["action"].string ?? "–")  "
                            + (row["done"].bool == true ? "" : "NOT DONE: ") + (row["sentence"].string ?? ""))
                }
                if rows.isEmpty { print("There is no such row.") }
                if let left = answer["left"].int, left > 0 { print("\(left) more rows: give the command again") }
            }
            if rows.contains(where: { $0["done"].bool != true }) { throw ExitCode.failure }
        }
    }
}

/// How a reconciliation is written.
struct ReconcileOutput: ParsableArguments {
    enum Format: String, CaseIterable, ExpressibleByArgument { case text, csv, json }

    @Option(help: "text, csv or json; default: as the output's name ends, else text.") var format: Format?
    @Option(name: .long, help: ArgumentHelp("File to write, instead of standard output.", valueName: "file"))
    var output: String?

    /// Open rows that are printed as text.
    private static let most = 50

    /// - Throws: ``ReconcileCommand/openRows`` where rows are open.
    func write(_ result: ReconcileResult, _ files: ReconcileFiles) throws {
        let ending = output.flatMap { Format(rawValue: URL(fileURLWithPath: $0).pathExtension.lowercased()) }
        var handle = FileHandle.standardOutput
        if let output {
            guard FileManager.default.createFile(atPath: output, contents: nil),
                let file = FileHandle(forWritingAtPath: output)
            else { throw ValidationError("\(output) cannot be written") }
            handle = file
        }
        func put(_ text: String) throws { try handle.write(contentsOf: Data(text.utf8)) }
        switch format ?? ending ?? .text {
        case .csv: try files.forEachCSVLine(result.number) { try put($0) }
        case .json:
            try put("{\"result\":\(result.json.text),\"rows\":[")
            var isFirst = true
            try files.forEachRow(result.number) { row in
                try put((isFirst ? "\n" : ",\n") + row.text)
                isFirst = false
            }
            try put("\n]}\n")
        case .text: try text(result, files, put)
        }
        if output != nil { note("\(output ?? ""): \(result.rows) rows, \(result.open) open") }
        if result.open > 0 { throw ReconcileCommand.openRows }
    }

    private func text(_ result: ReconcileResult, _ files: ReconcileFiles, _ put: (String) throws -> Void) throws {
        try put(
            "reconciliation \(result.number) of \(result.order), journal record \(result.head), cloud read "
                + "\(result.cloudBegan) to \(result.cloudRead): \(result.devices) devices\n")
        for found in ReconcileClass.allCases {
            guard let count = result.counts[found.name] else { continue }
            try put("  \(count)  \(found.name)  \(found.en)\(found.isOpen ? "  OPEN, \(found.owner.rawValue)" : "")\n")
        }
        if result.resetDetection == .notDetectable {
            try put("  reset-without-record: not detectable, the platform keeps or hides the DeviceSecret\n")
        }
        var shown = 0
        try files.forEachRow(result.number) { row in
            guard row["open"].bool == true else { return }
            shown += 1
            guard shown <= Self.most else { return }
            let notes = (row["notes"].array ?? []).compactMap(\.string)
            try put(
                "\(row["device_name"].string ?? "?")  \(row["class"].string ?? "?")"
                    + (notes.isEmpty ? "" : " (\(notes.joined(separator: ", ")))")
                    + "  \(row["state"].string ?? "no unit"), cloud \(row["cloud"]["state"].string ?? "none")"
                    + "  → \(row["action"]["key"].string ?? "–"): \(row["action"]["en"].string ?? "–")\n")
        }
        if shown > Self.most { try put("… and \(shown - Self.most) more open rows: --format csv\n") }
        try put(result.open == 0 ? "no row is open\n" : "\(result.open) rows are open\n")
    }
}
