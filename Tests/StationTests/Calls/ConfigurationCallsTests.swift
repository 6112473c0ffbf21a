import Execution
import Testing

@testable import station

@Suite("[andon], [mes] and [labels] of station.toml")
struct ConfigurationCallsTests {
    private func read(_ tables: String) throws -> StationConfiguration {
        let text = """
            [station]
            id = "L"
            data = "data"
            [cloud]
            instance = "old-public"
            mqtt_port = 1883
            access_key_id = "LTAI"
            [[slots]]
            name = "1"
            profile = "esp32c3"
            port = "socket://127.0.0.1:1"
            control = "socket://127.0.0.1:2"
            """
        return try StationConfiguration(toml: text + "\n" + tables, file: "station.toml", folder: "/etc/station")
    }

    @Test("without the tables nobody is called")
    func none() throws { #expect(try read("").calls == StationConfiguration.Calls()) }

    @Test("what is left out has its default; paths start from the file's folder")
    func defaults() throws {
        let calls = try read(
            """
            [andon]
            command = ["lamp", "{slot}", "{word}"]
            [mes]
            before_run = "http://mes.plant/before"
            [labels]
            printer = "socket://printer:9100"
            template = "label.zpl"
            """
        ).calls
        #expect(calls.andon == .init(target: .command(["lamp", "{slot}", "{word}"]), limit: .seconds(5), caFile: nil))
        #expect(
            calls.mes
                == .init(
                    beforeRun: "http://mes.plant/before", afterRun: nil, limit: .seconds(5), onSilence: .hold,
                    caFile: nil))
        #expect(
            calls.labels
                == .init(
                    printer: .socket(host: "printer", port: 9100), template: "/etc/station/label.zpl",
                    scan: "{device_name}", scanLimit: .seconds(300), labelsDone: false))
    }

    @Test("written out it reads back the same")
    func roundTrip() throws {
        let configuration = try read(
            """
            [andon]
            url = "https://andon.plant:8443/state"
            ca_file = "ca.pem"
            answer_seconds = 2
            [mes]
            before_run = "https://mes.plant/before"
            after_run = "https://mes.plant/after"
            on_silence = "go"
            answer_seconds = 60
            ca_file = "ca.pem"
            [labels]
            printer = ["lp", "-d", "labels", "-o", "raw"]
            template = "label.zpl"
            scan = "SN:{identity}"
            scan_within_seconds = 60
            done = true
            """)
        #expect(try StationConfiguration(toml: configuration.toml, file: "f", folder: "/") == configuration)
        #expect(configuration.calls.mes?.onSilence == .go && configuration.calls.labels?.labelsDone == true)
    }

    static let problems: [(String, [String])] = [
        ("[andon]", ["andon: expected either url or command"]),
        ("[andon]\nurl = \"http://a/\"\ncommand = [\"x\"]", ["andon: expected either url or command"]),
        ("[andon]\nurl = \"ftp://a/\"", ["andon.url"]),
        ("[mes]\non_silence = \"hold\"", ["mes: expected before_run, after_run or both"]),
        (
            "[mes]\nbefore_run = \"http://a/\"\non_silence = \"wait\"\nanswer_seconds = 0\nkey = \"x\"",
            ["mes.on_silence", "mes.answer_seconds", "mes.key"]
        ),
        ("[labels]", ["labels.printer", "labels.template"]),
        (
            "[labels]\nprinter = \"printer:9100\"\ntemplate = \"l\"\nscan = \"{order}\"\nscan_within_seconds = 1\ndone = 1",
            ["labels.printer", "labels.scan", "labels.scan_within_seconds", "labels.done"]
        ),
    ]

    @Test("every problem is named at once, by its key", arguments: problems)
    func named(tables: String, keys: [String]) throws {
        let error = #expect(throws: ConfigurationError.self) { try read(tables) }
        let found = error?.problems.map(\.description) ?? []
        #expect(found.count == keys.count, "\(found)")
        for (problem, key) in zip(found, keys) { #expect(problem.hasPrefix(key), "\(problem)") }
    }

    @Test("a URL with a user's password is refused, and not repeated")
    func password() throws {
        let error = #expect(throws: ConfigurationError.self) {
            try read("[mes]\nbefore_run = \"https://u:geheim@mes.plant/\"")
        }
        #expect(error?.description.contains("mes.before_run") == true && error?.description.contains("geheim") == false)
    }
}
