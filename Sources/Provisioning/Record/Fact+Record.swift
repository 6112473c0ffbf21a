extension Fact {
    /// The facts of one record, `{seq, time, actor, kind, body}`; none for most kinds.
    public static func facts(of record: JSONValue) -> [Fact] {
        let body = record["body"]
        guard let name = record["kind"].string, let seq = record["seq"].int,
            let time = record["time"].string.flatMap(UTCTime.milliseconds)
        else { return [] }
        func fact(_ kind: Kind, unit: Int64? = nil) -> Fact {
            var fact = Fact(
                unit: unit ?? body["unit"].int ?? 0, seq: seq, kind: kind, order: body["order"].string, time: time)
            fact.shift = body["shift"].string
            return fact
        }
        switch name {
        case "claim.bound":
            var claim = fact(body["first"].bool == true ? .claim : .again)
            claim.started = body["started"].string.flatMap(UTCTime.milliseconds)
            claim.state = .claimed
            return [claim]
        case "run.concluded": return [run(fact(.run), body)]
        case "workflow.concluded":
            var workflow = fact(.workflow)
            guard body["result"].string == "done" else { return [] }
            workflow.state = body["state"].string.flatMap(BoardUnit.State.init)
            workflow.detail = body["kind"].string
            workflow.quotaReturned = body["quota_returned"].bool ?? false
            return [workflow]
        case "unit.held", "unit.released":
            var change = fact(name == "unit.held" ? .held : .released)
            change.state = body["to"].string.flatMap(BoardUnit.State.init)
            return [change]
        case "sample.failed":
            return (body["held"].array ?? []).compactMap(\.int).map { unit in
                var held = fact(.held, unit: unit)
                (held.state, held.code) = (.held, body["hold_code"].string)
                return held
            }
        case "claim.refused":
            guard let state = body["unit_state"].string.flatMap(BoardUnit.State.init) else { return [] }
            var refused = fact(.refused)
            (refused.state, refused.code) = (state, body["failure_code"].string)
            return [refused]
        default: return []
        }
    }

    /// Milliseconds that a step of a run can take, 35 years at most: what a stranger's record says beyond is no measurement.
    private static let times: ClosedRange<Int64> = 0...1 << 40

    private static func run(_ start: Fact, _ body: JSONValue) -> Fact {
        var run = start
        run.started = body["started"].string.flatMap(UTCTime.milliseconds)
        run.shiftConcluded = body["shift_concluded"].string
        (run.slot, run.operator, run.release) = (body["slot"].string, body["operator"].string, body["release"].string)
        (run.outcome, run.code) = (body["outcome"].string.flatMap(Outcome.init), body["failure_code"].string)
        run.state =
            body.object?["unit_state"] == nil
            ? usualState(run.outcome) : body["unit_state"].string.flatMap(BoardUnit.State.init)
        (run.mode, run.activation) = (body["mode"].string, body["activation"].string)
        run.steps = (body["steps"].array ?? []).compactMap { step in
            guard let name = step["name"].string.flatMap(Step.init), let start = step["start_ms"].int,
                let duration = step["duration_ms"].int, times.contains(start), times.contains(duration)
            else { return nil }
            return FactStep(
                step: name, startMilliseconds: Int(start), durationMilliseconds: Int(duration),
                isOK: step["result"].string == "ok")
        }
        return run
    }

    /// What a run's outcome makes of its unit as a rule; records of older stations do not say it.
    private static func usualState(_ outcome: Outcome?) -> BoardUnit.State? {
        switch outcome {
        case .pass?: .passed
        case .done?: .done
        case .fail?: .failed
        case .held?: .held
        case .aborted?, .interrupted?, nil: nil
        }
    }
}
