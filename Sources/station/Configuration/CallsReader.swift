import Execution
import Foundation

/// Reads `[andon]`, `[mes]` and `[labels]`: whom the station tells and asks. An absent table is not configured.
struct CallsReader {
    let calls: StationConfiguration.Calls

    init(_ root: TableReader, _ paths: PathRule) {
        let (andon, mes, labels) = (root.table("andon"), root.table("mes"), root.table("labels"))
        calls = StationConfiguration.Calls(
            andon: root.has("andon") ? Self.readAndon(andon, paths) : nil,
            mes: root.has("mes") ? Self.readMES(mes, paths) : nil,
            labels: root.has("labels") ? Self.readLabels(labels, paths) : nil)
    }

    private static func readAndon(_ table: TableReader, _ paths: PathRule) -> StationConfiguration.Calls.Andon? {
        let url = readURL(table, "url")
        let command = table.words("command", isOptional: true)
        if table.has("url") == table.has("command") {
            table.log.note(table.path, nil, "expected either url or command in [\(table.path)]")
        }
        let limit = readLimit(table)
        let caFile = readCAFile(table, paths)
        table.finish()
        guard let target = url.map(AndonSettings.Target.url) ?? command.map(AndonSettings.Target.command), let limit
        else { return nil }
        return StationConfiguration.Calls.Andon(target: target, limit: limit, caFile: caFile)
    }

    private static func readMES(_ table: TableReader, _ paths: PathRule) -> StationConfiguration.Calls.MES? {
        let before = readURL(table, "before_run")
        let after = readURL(table, "after_run")
        if !table.has("before_run"), !table.has("after_run") {
            table.log.note(table.path, nil, "expected before_run, after_run or both in [\(table.path)]")
        }
        let silence = table.choice("on_silence", of: MESSettings.Silence.self, default: .hold)
        let limit = readLimit(table)
        let caFile = readCAFile(table, paths)
        table.finish()
        guard let silence, let limit else { return nil }
        return StationConfiguration.Calls.MES(
            beforeRun: before, afterRun: after, limit: limit, onSilence: silence, caFile: caFile)
    }

    private static func readLabels(_ table: TableReader, _ paths: PathRule) -> StationConfiguration.Calls.Labels? {
        let expected = "\"socket://HOST:PORT\", or a command as a list of strings that takes the label as its input"
        var printer: LabelSettings.Printer?
        switch table.any("printer", expected: expected, isOptional: false) {
        case .string(let text)?:
            if let endpoint = HostPort(socketURL: text) {
                printer = .socket(host: endpoint.host, port: endpoint.port)
            } else {
                table.log.note(table.path(of: "printer"), ConfigurationValue.quoted(text), "expected \(expected)")
            }
        case .array?: printer = table.words("printer", isOptional: false).map { .command($0) }
        case let other?: table.noteType("printer", other, expected: expected)
        case nil: break
        }
        let template = table.string("template", expected: "a file", paths.absolute)
        let scan = table.string(
            "scan", expected: "a text with {device_name} or {identity}, such as \"{device_name}\"", isOptional: true
        ) { text in (try? LabelTemplate(text))?.isUnique == true ? text : nil }
        let limit = table.integer("scan_within_seconds", in: 10...3600, default: 300, unit: "seconds")
        let done = table.has("done") ? table.boolean("done") : false
        table.allow("done")
        table.finish()
        guard let printer, let template, let limit, let done else { return nil }
        return StationConfiguration.Calls.Labels(
            printer: printer, template: template, scan: scan ?? "{device_name}", scanLimit: .seconds(limit),
            labelsDone: done)
    }

    private static func readURL(_ table: TableReader, _ key: String) -> String? {
        table.string(
            key, expected: "http:// or https://HOST[:PORT][/PATH] without user, query or fragment", isOptional: true,
            hidesValue: { $0.contains("@") || $0.contains("?") }
        ) { text in
            guard let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty, parts.user == nil,
                parts.password == nil, parts.query == nil, parts.fragment == nil,
                parts.port.map({ (1...65_535).contains($0) }) ?? true, ["http", "https"].contains(parts.scheme)
            else { return nil }
            return parts.url?.absoluteString
        }
    }

    private static func readLimit(_ table: TableReader) -> Duration? {
        table.integer("answer_seconds", in: 1...60, default: 5, unit: "seconds").map { .seconds($0) }
    }

    private static func readCAFile(_ table: TableReader, _ paths: PathRule) -> String? {
        table.string("ca_file", expected: "a PEM file", isOptional: true, paths.absolute)
    }
}
