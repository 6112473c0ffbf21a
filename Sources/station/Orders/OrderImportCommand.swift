import ArgumentParser
import Execution
import Foundation
import Provisioning

/// Orders from a file: all of them are made, or none.
struct OrderImportCommand: AsyncParsableCommand {
    enum Template: String, ExpressibleByArgument, CaseIterable { case csv, json }

    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Makes the draft orders of a file, CSV or JSON: all of them or none.",
        discussion: """
            Every problem is named by line and column at once; while there is one, nothing is imported. A file to begin with:
              station order import --template csv > orders.csv

            Columns, and members of a JSON object:
              product_key, release, profile, quota     as in `station order create`
              mode, activation, window, allow          may be left out or empty
              label_scan, first_article, stop_on_repetition   true or false; default false, true, true
              run_limit, step_retries, offline_boards, offline_minutes   whole numbers; empty = no limit of its own
            CSV is UTF-8 (a byte order mark is allowed), with commas, semicolons or tabs, quotes as in RFC 4180. JSON is a
            list of objects, or an object with that list under "orders"; "allow" may be a list of identities.
            """)

    @Argument(help: ArgumentHelp("The file.", valueName: "file")) var file: String?
    @Option(help: "Print a file to begin with instead: csv or json.") var template: Template?
    @Option(help: ArgumentHelp("The station's configuration.", valueName: "station.toml")) var config: String?
    @Option(help: ArgumentHelp("The station's data folder, instead of --config.", valueName: "dir")) var data: String?
    @Option(help: ArgumentHelp("Folder with board profiles.", valueName: "dir")) var home: String?

    func validate() throws {
        guard (file == nil) == (template != nil) else {
            throw ValidationError("give either a FILE to import or --template csv|json")
        }
        guard template != nil || (config == nil) != (data == nil) else {
            throw ValidationError("give either --config FILE or --data DIR")
        }
    }

    func run() async throws {
        switch template {
        case .csv?: return print(OrderImport.templateCSV, terminator: "")
        case .json?: return print(OrderImport.templateJSON, terminator: "")
        case nil: break
        }
        let named = [("--config", config), ("--data", data), ("--home", home)]
        let station = try StationOptions.parse(named.flatMap { name, value in value.map { [name, $0] } ?? [] })
        guard let file, let bytes = FileManager.default.contents(atPath: file) else {
            throw ValidationError("\(file ?? ""): cannot be read")
        }
        guard let text = String(data: bytes, encoding: .utf8) else {
            throw ValidationError("\(file): is not UTF-8; save it as \"CSV UTF-8\"")
        }
        let made = try await station.sender().send(.orders(.importOrders(text: text)))
        for order in made["orders"].array ?? [] {
            print("\(order["order"].string ?? "")  \(order["quota"].int ?? 0)  \(order["product_key"].string ?? "")")
        }
    }
}
