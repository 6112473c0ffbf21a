import Provisioning

/// The lines of `logs/order.log`: what happened to the order, for people. What every good board goes through is left out;
/// a run that did not end well brings its board's last console lines along.
struct ArchiveLog {
    private static let quiet: Set<String> = [
        "run.started", "identity.read", "claim.bound", "intent.begun", "intent.finished", "cloud.read", "board.noted",
        "run.concluded", "client-id.kept", "mes.answered", "label.sent", "label.confirmed", "batch.listed",
        "batch.saved", "baseline.imported",
    ]

    /// What boards under way said at boot, by run.
    private var consoles: [Int64: JSONValue] = [:]

    /// The lines of the next record; none for most.
    mutating func lines(_ record: JSONValue) -> [String] {
        let (kind, body) = (record["kind"].string ?? "", record["body"])
        switch kind {
        case "intent.begun": return []
        case "intent.finished" where body["effect"].string == "boot":
            if let run = body["run"].int { consoles[run] = body["details"] }
            return []
        case "run.concluded":
            let console = body["run"].int.flatMap { consoles.removeValue(forKey: $0) }
            guard !["pass", "done"].contains(body["outcome"].string) else { return [] }
            let line =
                head(record, kind) + "run \(body["run"].int ?? 0) on \(body["slot"].string ?? "?"): "
                + "\(body["outcome"].string ?? "?") \(body["failure_code"].string ?? "") \(body["failure_detail"].string ?? "")"
            return [line] + (console.map { ["    " + $0.text] } ?? [])
        case _ where Self.quiet.contains(kind): return []
        default: return [head(record, kind) + body.text]
        }
    }

    private func head(_ record: JSONValue, _ kind: String) -> String {
        "\(record["time"].string ?? "?") \(record["seq"].int ?? 0) \(record["actor"].string ?? "?") \(kind): "
    }
}
