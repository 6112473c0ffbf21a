import Provisioning

/// A share of the boards of `station bench boards` that is registered and activated in one way.
struct BoardPart: Sendable {
    let name: String
    let mode: RegistrationMode
    let activation: ActivationMode
    /// Of all boards, per cent.
    let percent: Int

    static let all = [
        BoardPart(name: "pre-registered", mode: .preRegistered, activation: .board, percent: 70),
        BoardPart(name: "no pre-registration", mode: .noPreregistration, activation: .board, percent: 15),
        BoardPart(name: "relay", mode: .preRegistered, activation: .relay, percent: 15),
    ]

    /// The faults that boards of a profile can have here.
    func faults(of profile: BoardProfile) -> [DemoFault] {
        var faults: [DemoFault] = [.flashBitFlip, .garbageOnSerial, .noBoot, .wrongBoardAfterIdentify]
        faults += Step.allCases.map { .unplug(at: $0) }
        if profile.identity.kind == .mac { faults += [.badMAC, .duplicateMAC] }
        if activation == .relay {
            faults += [.forgetsCredential, .wrongProof]
        } else {
            faults.append(.wrongProductSecret)
            if profile.network != nil { faults += [.noJoin, .keepsNetwork] }
        }
        return faults
    }

    /// Shares out `count` boards; the first part takes what does not divide.
    static func share(_ count: Int) -> [(part: BoardPart, boards: Int)] {
        let rest = all.dropFirst().map { (part: $0, boards: count * $0.percent / 100) }
        return [(all[0], count - rest.reduce(0) { $0 + $1.boards })] + rest
    }
}
