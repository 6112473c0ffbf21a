import Journal
import Provisioning

/// What the MES is told of one run that has ended.
struct AfterRunMessage: Sendable {
    /// The same at every repetition, and of no other message: station, sequence number, and the record's own hash.
    let id: String
    let run: Int64
    let body: [UInt8]

    /// - Parameter record: of kind `run.concluded`; nil for any other.
    init?(_ record: JournalRow, station: String) {
        guard let value = try? JSONValue(parsing: record.text),
            value["kind"].string == RecordKind.runConcluded.rawValue,
            let run = value["body"]["run"].int
        else { return nil }
        let body = value["body"]
        id = "\(station)-\(record.seq)-\(record.hash.prefix(16))"
        self.run = run
        var evidence = body["evidence"].object
        // A digest under the station's own key says nothing to anybody else.
        evidence?["secret_digest"] = nil
        let message: JSONValue = [
            "id": .string(id), "event": "run.concluded", "station": .string(station), "seq": .int(record.seq),
            "time": value["time"], "run": .int(run), "slot": body["slot"], "order": body["order"], "unit": body["unit"],
            "identity": body["identity"], "device_name": body["details"]["device_name"], "outcome": body["outcome"],
            "failure_code": body["failure_code"], "failure_detail": body["failure_detail"],
            "evidence": evidence.map(JSONValue.object) ?? .null, "steps": body["steps"],
        ]
        self.body = Array(message.text.utf8)
    }
}
