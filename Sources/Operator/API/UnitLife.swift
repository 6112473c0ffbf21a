import Execution
import Foundation
import Journal
import Provisioning

/// A unit's whole life as its page shows it: runs with steps and evidence, workflows, every record, and what may be done.
struct UnitLife: Sendable {
    let history: UnitHistory
    /// Those of its order.
    let figures: OrderFigures?
    let people: People
    let caller: Caller

    init(_ history: UnitHistory, figures: OrderFigures?, people: People, caller: Caller) {
        (self.history, self.figures, self.people, self.caller) = (history, figures, people, caller)
    }

    var json: JSONValue {
        [
            "unit": history.unit.json, "order": figures.map { OrderTile($0).json } ?? .null,
            "replaces": .init(history.replaces),
            "replaced_by": .init(history.replacedBy), "runs": .array(history.runs.map(run)),
            "workflows": .array(workflows), "records": .array(history.records.map(record)), "actions": .array(actions),
        ]
    }

    // MARK: - Runs

    private func run(_ item: (run: RunRecord, started: String)) -> JSONValue {
        let (run, start) = (item.run, item.started)
        let entry = run.failureCode.flatMap(FailureCode.init(known:))?.entry
        let own = history.records.filter { $0.body["run"].int == run.id }
        let ended = own.last { $0.kind == RecordKind.runConcluded.rawValue }
        let steps = (run.conclusion["steps"].array ?? []).map { step(start, $0) }
        func words(_ wording: FailureEntry.Wording?) -> JSONValue {
            guard let wording else { return .null }
            return [
                "happened": .string(wording.happened), "action": .string(wording.action), "help": .string(wording.help),
            ]
        }
        return [
            "run": .int(run.id), "slot": .string(run.slot),
            "person": .init(own.first.map { people.name(of: $0.actor) }), "started": .string(start),
            "ended": .init(ended?.time), "outcome": .init(run.outcome?.rawValue), "code": .init(run.failureCode),
            "zh": words(entry?.zh), "en": words(entry?.en), "release": .init(history.order?.release),
            "detail": .init(run.conclusion["failure_detail"].string), "steps": .array(steps),
            "evidence": .array(own.filter { $0.kind == RecordKind.cloudRead.rawValue }.map(evidence)),
        ]
    }

    private func step(_ start: String, _ step: JSONValue) -> JSONValue {
        let begin = step["start_ms"].int ?? 0
        return [
            "step": .init(step["name"].string), "started": .init(Self.time(start, plus: begin)),
            "ended": .init(Self.time(start, plus: begin + (step["duration_ms"].int ?? 0))),
            "detail": .init(step["result"].string),
        ]
    }

    private func evidence(_ record: JournalRecord) -> JSONValue {
        let reading = record.body["reading"]
        return [
            "time": .string(record.time), "label": .init(record.body["phase"].string), "state": reading["state"],
            "activated": reading["activated_at"], "online": reading["online_at"], "iot_id": reading["iot_id"],
            "request_id": reading["request_id"], "digest": reading["secret_digest"],
            "firmware_version": reading["firmware_version"],
        ]
    }

    /// A time of the journal, some milliseconds later.
    private static func time(_ text: String, plus milliseconds: Int64) -> String? {
        let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        guard let date = try? format.parse(text) else { return nil }
        return Timestamp.text(date + Double(milliseconds) / 1000)
    }

    // MARK: - Workflows and records

    private var workflows: [JSONValue] {
        history.records.filter { $0.kind == RecordKind.workflowBegun.rawValue }.map { begun in
            let id = begun.body["workflow"].int
            let ended = history.records.first {
                $0.kind == RecordKind.workflowConcluded.rawValue && $0.body["workflow"].int == id
            }
            return [
                "workflow": .init(id), "kind": begun.body["kind"], "reason": begun.body["reason"],
                "person": .string(people.name(of: begun.actor)),
                "second": .init(begun.body["second"].string.map(people.name)), "started": .string(begun.time),
                "ended": .init(ended?.time), "result": ended?.body["result"] ?? .null,
                "before": ["state": begun.body["state"], "cloud": begun.body["cloud"]],
                "after": ended.map { ["state": $0.body["state"], "cloud": $0.body["cloud"]] } ?? .null,
            ]
        }
    }

    private func record(_ record: JournalRecord) -> JSONValue {
        [
            "seq": .int(record.seq), "time": .string(record.time), "actor": .string(people.name(of: record.actor)),
            "kind": .string(record.kind), "body": record.body,
        ]
    }

    // MARK: - What may be done

    private var actions: [JSONValue] {
        UnitAction.allCases.map { action in
            let refusal = refusal(of: action)
            return [
                "action": .string(action.rawValue), "allowed": .bool(refusal == nil), "two": .bool(action.mayTakeTwo),
                "zh": .string(refusal?.zh ?? ""), "en": .string(refusal?.en ?? action.summary),
            ]
        }
    }

    private func refusal(of action: UnitAction) -> Bilingual? {
        if let person = caller.person, !person.may(action.permission) {
            return Problem.missing(action.permission).detail
        }
        let state = history.unit.state
        let isGone = state == .scrapped || state == .replaced
        let fits =
            switch action {
            case .reflash, .reset: !isGone && (history.unit.uid.isIndependent || history.unit.tag != nil)
            case .scrap, .replace: !isGone
            case .hold: !isGone && state != .held
            case .release: state == .held
            case .disable, .enable: history.unit.iotID != nil
            case .keepClientID, .clearClientIDs: history.order?.registration == .noPreregistration
            }
        return fits
            ? nil : Bilingual(zh: "现在不适用（\(state.rawValue)）", en: "does not apply: the unit is \(state.rawValue)")
    }
}

extension UnitAction {
    /// Whether two people may have to sign.
    fileprivate var mayTakeTwo: Bool { [.scrap, .replace, .release].contains(self) }
}

extension Schema {
    static let unitLife: Schema = {
        let optionalText = Schema.nullable(.anyText)
        let run = Schema.object([
            .init("run", .integer(1...Int64.max)), .init("slot", .text), .init("person", optionalText),
            .init("started", .time), .init("ended", .nullable(.time)),
            .init("outcome", .nullable(.choice(Outcome.allCases.map(\.rawValue)))),
            .init("code", .nullable(.failureCode)), .init("zh", .nullable(.wording)), .init("en", .nullable(.wording)),
            .init("release", optionalText), .init("detail", optionalText),
            .init(
                "steps",
                .list(
                    .object([
                        .init("step", .choice(Step.allCases.map(\.rawValue))), .init("started", .nullable(.time)),
                        .init("ended", .nullable(.time)), .init("detail", optionalText),
                    ]), count: 0...100)),
            .init(
                "evidence",
                .list(
                    .object([
                        .init("time", .time), .init("label", optionalText), .init("state", optionalText),
                        .init("activated", optionalText), .init("online", optionalText), .init("iot_id", optionalText),
                        .init("request_id", optionalText), .init("digest", optionalText),
                        .init("firmware_version", optionalText),
                    ]), count: 0...1000)),
        ])
        let workflow = Schema.object([
            .init("workflow", .integer(1...Int64.max)), .init("kind", .text), .init("reason", .anyText),
            .init("person", .anyText), .init("second", optionalText), .init("started", .time),
            .init("ended", .nullable(.time)), .init("result", optionalText), .init("before", .anything),
            .init("after", .anything),
        ])
        let record = Schema.object([
            .init("seq", .integer(1...Int64.max)), .init("time", .time), .init("actor", .anyText),
            .init("kind", .text), .init("body", .anything),
        ])
        let action = Schema.object([
            .init("action", .choice(UnitAction.allCases.map(\.rawValue))), .init("allowed", .boolean),
            .init("two", .boolean), .init("zh", .anyText), .init("en", .anyText),
        ])
        return .named(
            "UnitLife",
            .object([
                .init("unit", .unit), .init("order", .nullable(.order)), .init("replaces", optionalText),
                .init("replaced_by", optionalText), .init("runs", .list(run, count: 0...10_000)),
                .init("workflows", .list(workflow, count: 0...10_000)),
                .init("records", .list(record, count: 0...100_000)), .init("actions", .list(action, count: 0...100)),
            ]))
    }()
}
