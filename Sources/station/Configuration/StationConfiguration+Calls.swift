import Execution

extension StationConfiguration {
    /// Whom the station tells and asks; see `docs/calls.md`.
    struct Calls: Equatable, Sendable {
        var andon: Andon?
        var mes: MES?
        var labels: Labels?

        struct Andon: Equatable, Sendable {
            var target: AndonSettings.Target
            /// 1 to 60 seconds.
            var limit: Duration
            /// nil = the system's authorities.
            var caFile: String?
        }

        /// At least one of the two URLs is there. The key that calls are signed with is sealed as `mes/key`.
        struct MES: Equatable, Sendable {
            var beforeRun: String?
            var afterRun: String?
            /// 1 to 60 seconds.
            var limit: Duration
            var onSilence: MESSettings.Silence
            /// nil = the system's authorities.
            var caFile: String?
        }

        struct Labels: Equatable, Sendable {
            var printer: LabelSettings.Printer
            /// The file with the label's text.
            var template: String
            /// What must be scanned back, with places to fill in; it holds the DeviceName or the identity.
            var scan: String
            /// 10 to 3600 seconds.
            var scanLimit: Duration
            var labelsDone: Bool
        }
    }
}

extension StationConfiguration.Calls {
    /// The tables as lines of a `station.toml`.
    var toml: [String] {
        let quoted = ConfigurationValue.quoted
        func list(_ words: [String]) -> String { "[\(words.map(quoted).joined(separator: ", "))]" }
        var lines: [String] = []
        if let andon {
            lines.append("[andon]")
            switch andon.target {
            case .url(let url): lines.append("url = \(quoted(url))")
            case .command(let words): lines.append("command = \(list(words))")
            }
            if let file = andon.caFile { lines.append("ca_file = \(quoted(file))") }
            lines += ["answer_seconds = \(andon.limit.components.seconds)", ""]
        }
        if let mes {
            lines.append("[mes]")
            if let url = mes.beforeRun { lines.append("before_run = \(quoted(url))") }
            if let url = mes.afterRun { lines.append("after_run = \(quoted(url))") }
            if let file = mes.caFile { lines.append("ca_file = \(quoted(file))") }
            lines += ["on_silence = \(quoted(mes.onSilence.rawValue))"]
            lines += ["answer_seconds = \(mes.limit.components.seconds)", ""]
        }
        if let labels {
            lines.append("[labels]")
            switch labels.printer {
            case .socket(let host, let port):
                lines.append("printer = \(quoted(HostPort(host: host, port: port).socketURL))")
            case .command(let words): lines.append("printer = \(list(words))")
            }
            lines += ["template = \(quoted(labels.template))", "scan = \(quoted(labels.scan))"]
            lines += [
                "scan_within_seconds = \(labels.scanLimit.components.seconds)", "done = \(labels.labelsDone)", "",
            ]
        }
        return lines
    }
}
