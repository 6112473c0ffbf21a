import AliyunIoT
import Provisioning
import Testing

@Suite("Why the cloud refuses a board")
struct RefusalDiagnosisTests {
    typealias Cause = RefusalDiagnosis.Cause
    typealias Probe = CredentialProbe.Answer

    private static func device(_ state: DeviceState?, activatedAt: String? = nil) -> DeviceLookup {
        DeviceLookup(
            reading: DeviceReading(state: state, iotID: "i1", activatedAt: activatedAt, requestID: "R"), requestID: "R")
    }

    static let absent = DeviceLookup(reading: nil, requestID: "R")
    static let unactive = device(.unactive)
    static let active = device(.offline, activatedAt: "2026-11-23T02:48:41.000Z")
    static let disabled = device(.disable)
    static let trouble = Probe.cloudTrouble(RegistrationError(.timeout, ""))

    struct Row: Sendable {
        let board: BoardRefusal
        let device: DeviceLookup?
        let probe: Probe?
        let cause: Cause
        var mode = RegistrationMode.preRegistered
        var wasReset = false
        var clientIDCount: Int?
    }

    static let rows: [Row] = [
        // CONNACK 4 says nothing: device and probe tell.
        Row(board: .registrationOverMQTT(4), device: absent, probe: .ready, cause: .unknownName),
        Row(board: .registrationOverMQTT(5), device: absent, probe: nil, cause: .unknownName),
        Row(board: .registrationOverMQTT(4), device: active, probe: .ready, cause: .alreadyActive),
        Row(board: .registrationOverMQTT(4), device: active, probe: nil, cause: .alreadyActive),
        Row(
            board: .registrationOverMQTT(4), device: active, probe: .ready, cause: .boardCredentialWrong, wasReset: true
        ),
        Row(board: .registrationOverMQTT(4), device: disabled, probe: .ready, cause: .disabled),
        Row(board: .registrationOverMQTT(4), device: unactive, probe: .ready, cause: .boardCredentialWrong),
        Row(board: .registrationOverMQTT(4), device: unactive, probe: .wrongSecret, cause: .productSecretWrong),
        Row(board: .registrationOverMQTT(4), device: unactive, probe: .noProduct, cause: .productSecretWrong),
        Row(board: .registrationOverMQTT(4), device: unactive, probe: .switchOff, cause: .switchOff),
        // What stops every board comes first.
        Row(board: .registrationOverMQTT(4), device: absent, probe: .switchOff, cause: .switchOff),
        Row(board: .registrationOverMQTT(4), device: active, probe: .wrongSecret, cause: .productSecretWrong),
        // Without a witness nobody can tell.
        Row(board: .registrationOverMQTT(4), device: nil, probe: .ready, cause: .cannotTell),
        Row(board: .registrationOverMQTT(4), device: unactive, probe: nil, cause: .cannotTell),
        Row(board: .registrationOverMQTT(4), device: unactive, probe: .cannotTell(reason: ""), cause: .cannotTell),
        Row(board: .registrationOverMQTT(4), device: unactive, probe: .noProbe, cause: .cannotTell),
        Row(board: .registrationOverMQTT(4), device: unactive, probe: trouble, cause: .cloudTrouble),
        Row(board: .unknown, device: unactive, probe: .ready, cause: .cannotTell),
        Row(board: .unknown, device: absent, probe: .ready, cause: .unknownName),
        Row(board: .unknown, device: nil, probe: .switchOff, cause: .switchOff),
        Row(board: .registrationOverMQTT(2), device: unactive, probe: .ready, cause: .malformed),
        Row(board: .registrationOverMQTT(3), device: unactive, probe: .ready, cause: .cloudTrouble),
        // HTTPS tells the board itself.
        Row(board: .registrationOverHTTPS(6288), device: active, probe: nil, cause: .switchOff),
        Row(board: .registrationOverHTTPS(6289), device: nil, probe: nil, cause: .alreadyActive),
        Row(board: .registrationOverHTTPS(6100), device: nil, probe: .ready, cause: .unknownName),
        Row(board: .registrationOverHTTPS(6600), device: active, probe: .ready, cause: .boardCredentialWrong),
        Row(board: .registrationOverHTTPS(6600), device: unactive, probe: .wrongSecret, cause: .productSecretWrong),
        Row(board: .registrationOverHTTPS(6600), device: unactive, probe: nil, cause: .cannotTell),
        Row(board: .registrationOverHTTPS(6600), device: unactive, probe: .switchOff, cause: .cannotTell),
        Row(board: .registrationOverHTTPS(6250), device: absent, probe: .ready, cause: .boardCredentialWrong),
        Row(board: .registrationOverHTTPS(460), device: unactive, probe: .ready, cause: .malformed),
        Row(board: .registrationOverHTTPS(6292), device: unactive, probe: .ready, cause: .malformed),
        Row(board: .registrationOverHTTPS(500), device: unactive, probe: .ready, cause: .cloudTrouble),
        // The device's own connection: the switch does not matter any more.
        Row(board: .connection(4), device: unactive, probe: .switchOff, cause: .boardCredentialWrong),
        Row(board: .connection(5), device: active, probe: .ready, cause: .boardCredentialWrong),
        Row(board: .connection(5), device: disabled, probe: .ready, cause: .disabled),
        Row(board: .connection(5), device: absent, probe: .ready, cause: .unknownName),
        Row(board: .connection(5), device: nil, probe: .ready, cause: .cannotTell),
        Row(board: .connection(2), device: active, probe: .ready, cause: .malformed),
        Row(board: .connection(3), device: active, probe: .ready, cause: .cloudTrouble),
        // Without pre-registration neither a missing nor an active name is a reason, five ClientIDs are.
        Row(
            board: .registrationOverMQTT(4), device: absent, probe: .ready, cause: .boardCredentialWrong,
            mode: .noPreregistration),
        Row(
            board: .registrationOverMQTT(4), device: active, probe: .ready, cause: .tooManyClientIDs,
            mode: .noPreregistration, clientIDCount: 5),
        Row(
            board: .registrationOverMQTT(4), device: active, probe: .ready, cause: .boardCredentialWrong,
            mode: .noPreregistration, clientIDCount: 4),
        Row(
            board: .registrationOverMQTT(4), device: disabled, probe: .ready, cause: .disabled,
            mode: .noPreregistration, clientIDCount: 5),
        Row(
            board: .connection(5), device: absent, probe: .ready, cause: .unknownName, mode: .noPreregistration),
    ]

    @Test("witnesses are weighed by the table", arguments: rows)
    func table(_ row: Row) {
        let diagnosis = RefusalDiagnosis.diagnose(
            board: row.board, device: row.device, probe: row.probe, mode: row.mode, wasReset: row.wasReset,
            clientIDCount: row.clientIDCount)
        #expect(diagnosis.cause == row.cause)
        #expect(diagnosis.sentence == row.cause.sentence)
    }

    @Test("every cause has a sentence of its own, and the table reaches every cause")
    func sentences() {
        #expect(Set(Cause.allCases.map(\.sentence)).count == Cause.allCases.count)
        #expect(Set(Self.rows.map(\.cause)) == Set(Cause.allCases))
    }
}
