import Journal
import Provisioning

/// The rows of `units.csv`: who each unit of the order is and what became of it, computed from the archive's records alone.
struct UnitTable {
    static let columns = [
        "unit", "ordinal", "device_name", "identity_kind", "identity", "uid", "uid_source", "iccid", "tag", "iot_id",
        "state", "runs", "attempts", "first_attempt", "claimed", "concluded", "last_outcome", "failure_code", "slot",
        "operator", "release", "activation",
    ]

    /// The first line, with byte order mark, without its end.
    static let head = "\u{FEFF}" + columns.map(CSVCell.text).joined(separator: ",") + "\r"

    /// What the facts of one unit come to.
    private struct Tally {
        var state: BoardUnit.State?
        var runs = 0
        var attempts = 0
        var firstAttempt: Outcome?
        var claimed: Int64?
        var concluded: Int64?
        var last: Fact?

        mutating func add(_ fact: Fact) {
            if let state = fact.state { self.state = state }
            switch fact.kind {
            case .claim: claimed = fact.time
            case .again: break
            case .run:
                runs += 1
                last = fact
                if UnitTally.isAttempt(fact) {
                    attempts += 1
                    firstAttempt = firstAttempt ?? fact.outcome
                }
                if fact.state != nil { concluded = fact.time }
            case .workflow, .held, .released, .refused: if fact.state != nil { concluded = fact.time }
            }
        }
    }

    /// Streams the lines of the table, each without its last `\n`, the first line excepted.
    static func lines(_ spool: FactSpool, _ body: (String) throws -> Void) throws {
        try spool.units { unit, claim, iotID, facts in
            var tally = Tally()
            for fact in facts { tally.add(fact) }
            try body(line(unit, claim, iotID, tally))
        }
    }

    private static func line(_ unit: Int64, _ claim: JSONValue, _ iotID: String?, _ tally: Tally) -> String {
        func text(_ value: String?) -> String { value.map(CSVCell.text) ?? "" }
        return [
            CSVCell.number(unit), claim["ordinal"].int.map { CSVCell.number($0) } ?? "",
            text(claim["device_name"].string), text(claim["identity_kind"].string), text(claim["identity"].string),
            text(claim["uid"].string), text(claim["uid_source"].string), text(claim["iccid"].string),
            text(claim["tag"].string), text(iotID), text(tally.state?.rawValue), CSVCell.number(tally.runs),
            CSVCell.number(tally.attempts), text(tally.firstAttempt?.rawValue),
            text(tally.claimed.map(UTCTime.text)), text(tally.concluded.map(UTCTime.text)),
            text(tally.last?.outcome?.rawValue), text(tally.last?.code), text(tally.last?.slot),
            text(tally.last?.operator), text(tally.last?.release), text(tally.last?.activation),
        ].joined(separator: ",") + "\r"
    }
}
