import AliyunIoT
import Journal
import Provisioning

/// Finds out why the cloud refused a registration: by the device's record, the probe name's answer and what the board
/// was told, never by registering the unit's own name.
struct DiagnoseStep {
    let line: LineParts
    let unit: BoardUnit
    let order: WorkOrder
    let patience: Patience

    /// - Returns: the cause, and the probe's verdict, by which the order may have been held.
    func explain(_ board: BoardRefusal) async throws -> (cause: RefusalDiagnosis.Cause, verdict: OrderGate.Verdict) {
        let look = try await patience.ask {
            try await line.desk.api.lookUpDevice(
                .name(productKey: unit.productKey, deviceName: unit.deviceName.text), within: patience.oneCall)
        }
        var clientIDs: Int?
        if order.registration == .noPreregistration, let iotID = look.reading?.iotID {
            clientIDs = try await patience.ask {
                try await line.desk.api.queryClientIDs(iotID: iotID, priority: .running, within: patience.oneCall).count
            }
        }
        let verdict = try await line.gate.check(order)
        let probe: CredentialProbe.Answer? =
            switch verdict {
            case .ready: .ready
            case .refused(.switchOff): .switchOff
            case .refused(.productSecretWrong): .wrongSecret
            case .cannotTell, .refused: nil
            }
        let diagnosis = RefusalDiagnosis.diagnose(
            board: board, device: look, probe: probe, mode: order.registration, wasReset: unit.wasReset,
            clientIDCount: clientIDs)
        return (diagnosis.cause, verdict)
    }
}

extension RefusalDiagnosis.Cause {
    /// The failure code that stands for it.
    var code: FailureCode {
        switch self {
        case .unknownName: .deletedInCloud
        case .alreadyActive: .alreadyActive
        case .disabled: .deviceDisabled
        case .boardCredentialWrong: .boardRefused
        case .productSecretWrong: .productSecretWrong
        case .switchOff: .switchOff
        case .tooManyClientIDs: .tooManyClientIDs
        case .malformed: .malformedRegistration
        case .cloudTrouble: .activateCloud
        case .cannotTell: .cannotTell
        }
    }
}
