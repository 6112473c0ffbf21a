import Operator
import Testing

@testable import station

@Suite("The table [operator] of station.toml")
struct ConfigurationOperatorTests {
    private func read(_ table: String) throws -> OperatorConfiguration? {
        try configuration(table).page
    }

    private func configuration(_ table: String) throws -> StationConfiguration {
        try StationConfiguration(toml: wholeStation + "\n" + table, file: "station.toml", folder: "/etc/line")
    }

    @Test("without it there is no page; empty it is the standard one")
    func absent() throws {
        #expect(try read("") == nil)
        #expect(try read("[operator]") == OperatorConfiguration())
    }

    @Test(
        "what stands in it is read, and written again the same",
        arguments: [
            (
                "[operator]\nlisten = \"127.0.0.1:0\"\nlanguage = \"en\"",
                OperatorConfiguration(host: "127.0.0.1", port: 0, language: .en)
            ),
            (
                "[operator]\nlisten = \"0.0.0.0:443\"\ntls = \"own\"\nidle_minutes = 5",
                OperatorConfiguration(host: "0.0.0.0", port: 443, tls: .own, idleMinutes: 5)
            ),
            (
                "[operator]\nlisten = \"[::]:8443\"\ntls = { certificate = \"page.pem\", key = \"/k/page.key\" }",
                OperatorConfiguration(
                    host: "::", port: 8443, tls: .files(certificate: "/etc/line/page.pem", key: "/k/page.key"))
            ),
        ])
    func whole(table: String, expected: OperatorConfiguration) throws {
        let found = try configuration(table)
        #expect(found.page == expected)
        #expect(
            try StationConfiguration(toml: found.toml, file: "station.toml", folder: "/etc/line").page == expected)
    }

    @Test(
        "what is wrong with it is named by its key",
        arguments: [
            ("listen = \"8080\"", "operator.listen"), ("listen = 8080", "operator.listen"),
            ("listen = \"127.0.0.1:70000\"", "operator.listen"), ("idle_minutes = 0", "operator.idle_minutes"),
            ("idle_minutes = 481", "operator.idle_minutes"), ("language = \"fr\"", "operator.language"),
            ("tls = \"on\"", "operator.tls"), ("tls = true", "operator.tls"),
            ("tls = { certificate = \"a.pem\" }", "operator.tls.key"), ("listen = \"0.0.0.0:8080\"", "operator.tls"),
            ("colour = \"red\"", "operator.colour"),
        ])
    func wrong(line: String, key: String) {
        let problems = configurationProblems { _ = try read("[operator]\n" + line) }
        #expect(problems.count == 1, "\(problems)")
        #expect(problems.first?.hasPrefix(key) == true, "\(problems)")
    }
}
