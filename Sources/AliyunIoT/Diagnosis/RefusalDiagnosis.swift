public import Provisioning

/// Why the cloud refuses a board, told apart by three witnesses: the cloud's record of the device, the probe name's
/// answer over HTTPS, and what the board itself was told. CONNACK 4 alone says nothing.
///
/// The unit's own name is never registered to find out. What stops every board (switch, ProductSecret) is named before
/// what stops this one.
public struct RefusalDiagnosis: Sendable, Equatable {
    public enum Cause: String, Sendable, CaseIterable {
        /// The cloud has no device of that name.
        case unknownName
        /// The device has been activated: a reset comes first, for the same board only.
        case alreadyActive
        case disabled
        /// The product's credential works, this board's does not: what was flashed or stored differs.
        case boardCredentialWrong
        /// The ProductKey and ProductSecret the station holds are refused themselves.
        case productSecretWrong
        /// The product's dynamic-registration switch.
        case switchOff
        /// Without pre-registration: the name has its 5 ClientIDs; clear them.
        case tooManyClientIDs
        /// A parameter is missing or malformed, or the board does not use TLS: the firmware.
        case malformed
        /// The cloud is in trouble: hold the unit.
        case cloudTrouble
        case cannotTell
    }

    public let cause: Cause
    /// What is known and what to do next.
    public let sentence: String

    /// ClientIDs the platform allows under one name.
    static let clientIDs = 5

    /// Weighs the witnesses.
    ///
    /// - Parameters:
    ///   - device: nil = the cloud could not be asked; a reading of nil in it = the cloud has no such device.
    ///   - probe: nil = not asked.
    ///   - wasReset: whether this unit was reset since it was last active; a reset leaves the cloud's state as it was.
    ///   - clientIDCount: from QueryClientIds, for a device without pre-registration; nil = not asked.
    public static func diagnose(
        board: BoardRefusal, device: DeviceLookup?, probe: CredentialProbe.Answer?,
        mode: RegistrationMode = .preRegistered, wasReset: Bool = false, clientIDCount: Int? = nil
    ) -> RefusalDiagnosis {
        let cause =
            fromBoard(board) ?? fromProbe(board, probe)
            ?? fromDevice(board, device, mode: mode, wasReset: wasReset, clientIDCount: clientIDCount)
            ?? fromRest(board, device, probe, mode: mode)
        return RefusalDiagnosis(cause: cause, sentence: cause.sentence)
    }

    /// What the board was told itself and what leaves no doubt.
    private static func fromBoard(_ board: BoardRefusal) -> Cause? {
        switch board {
        case .registrationOverHTTPS(6288): .switchOff
        case .registrationOverHTTPS(6289): .alreadyActive
        case .registrationOverHTTPS(6100): .unknownName
        case .registrationOverHTTPS(460), .registrationOverHTTPS(6292): .malformed
        case .registrationOverMQTT(1), .registrationOverMQTT(2), .connection(1), .connection(2): .malformed
        case .registrationOverHTTPS(500), .registrationOverMQTT(3), .connection(3): .cloudTrouble
        default: nil
        }
    }

    /// What stops every board of the product from registering. A board that has its credential is past it.
    private static func fromProbe(_ board: BoardRefusal, _ probe: CredentialProbe.Answer?) -> Cause? {
        if case .connection = board { return nil }
        // A signature that was checked and found wrong was not refused for the switch.
        if case .registrationOverHTTPS(6600) = board, probe == .switchOff { return nil }
        return switch probe {
        case .switchOff: .switchOff
        case .wrongSecret, .noProduct: .productSecretWrong
        default: nil
        }
    }

    private static func fromDevice(
        _ board: BoardRefusal, _ device: DeviceLookup?, mode: RegistrationMode, wasReset: Bool, clientIDCount: Int?
    ) -> Cause? {
        // The board's ProductKey or secret was named as the reason; the device's record cannot change that.
        if board == .registrationOverHTTPS(6600) || board == .registrationOverHTTPS(6250) { return nil }
        guard let device else { return nil }
        guard let reading = device.reading else {
            // Without pre-registration a name need not exist to be registered, but it does to connect.
            if case .connection = board { return .unknownName }
            return mode == .preRegistered ? .unknownName : nil
        }
        if reading.state == .disable { return .disabled }
        if case .connection = board { return nil }
        switch mode {
        case .preRegistered:
            let isActive = reading.state == .online || reading.state == .offline || reading.activatedAt != nil
            return isActive && !wasReset ? .alreadyActive : nil
        case .noPreregistration:
            return (clientIDCount ?? 0) >= clientIDs ? .tooManyClientIDs : nil
        }
    }

    /// What is left when nothing is known to stop the device itself.
    private static func fromRest(
        _ board: BoardRefusal, _ device: DeviceLookup?, _ probe: CredentialProbe.Answer?, mode: RegistrationMode
    ) -> Cause {
        if case .connection(let code) = board, code >= 4 { return device == nil ? .cannotTell : .boardCredentialWrong }
        if case .cloudTrouble = probe { return .cloudTrouble }
        guard probe == .ready else { return .cannotTell }
        switch board {
        case .registrationOverHTTPS(6600), .registrationOverHTTPS(6250):
            return .boardCredentialWrong
        case .registrationOverMQTT(4), .registrationOverMQTT(5):
            return device == nil && mode == .preRegistered ? .cannotTell : .boardCredentialWrong
        default:
            return .cannotTell
        }
    }
}

extension RefusalDiagnosis.Cause {
    /// What is known and what to do next.
    public var sentence: String {
        switch self {
        case .unknownName: "The cloud does not know this DeviceName: register the name, then run the board again."
        case .alreadyActive: "The device was activated before: reset it, if this is the same board."
        case .disabled: "The device is disabled in the cloud: enable it, or scrap the unit."
        case .boardCredentialWrong:
            "The product's credential works, this board's does not: flash the board again and compare what it holds."
        case .productSecretWrong: "The ProductSecret is not this product's: seal the right one."
        case .switchOff: "The product's dynamic registration is switched off: turn it on in the platform's console."
        case .tooManyClientIDs: "The name has its 5 ClientIDs already: clear them after checking for duplicates."
        case .malformed: "The board's request is malformed or not over TLS: the firmware must be corrected."
        case .cloudTrouble: "The cloud is in trouble: the unit is held until it is well again."
        case .cannotTell: "The cloud refused and does not tell why: let the line leader decide."
        }
    }
}
