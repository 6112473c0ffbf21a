public import Provisioning
public import Reports

/// How far a reconciliation has come.
public enum ReconcileProgress: Sendable {
    /// The product's devices are being listed.
    case reading(devices: Int, total: Int?)
    /// The records of single devices are being asked for.
    case asking(left: Int)
    /// The cloud is in trouble; it goes on when the command is given again.
    case waiting(String)
    case concluded(ReconcileResult)

    /// As `--json`, the control socket and the page take it: `state` is `reading`, `asking`, `waiting` or `concluded`.
    public var json: JSONValue {
        let (state, devices, total, left, trouble, result): (String, Int?, Int?, Int?, String?, JSONValue) =
            switch self {
            case .reading(let devices, let total): ("reading", devices, total, nil, nil, .null)
            case .asking(let left): ("asking", nil, nil, left, nil, .null)
            case .waiting(let trouble): ("waiting", nil, nil, nil, trouble, .null)
            case .concluded(let result): ("concluded", result.devices, nil, nil, nil, result.json)
            }
        return [
            "state": .string(state), "devices": .init(devices), "total": .init(total), "left": .init(left),
            "trouble": .init(trouble), "result": result,
        ]
    }
}
