import Provisioning

/// A fault that the demo injects, and what must come of it.
enum DemoFault: Hashable, Sendable, CustomStringConvertible {
    case duplicateMAC, badMAC, flashBitFlip, wrongProductSecret, garbageOnSerial, noBoot, wrongBoardAfterIdentify
    /// Of a relay: the board loses what it was handed, or proves something else.
    case forgetsCredential, wrongProof
    /// Of a board that is given the line's network: it cannot join, or keeps it when it is wiped.
    case noJoin, keepsNetwork
    case unplug(at: Step)
    case cloudDown(seconds: Int)
    /// nil = it stays off.
    case switchOff(seconds: Int?)

    /// Why a fault's text is none.
    struct UnknownFault: Error, CustomStringConvertible {
        let description: String
    }

    /// Every fault as `--faults` takes it.
    static let usage = """
        duplicate-mac, bad-mac, flash-bit-flip, wrong-product-secret, unplug-at=STEP, garbage-on-serial, cloud-down=S, \
        switch-off[=S], no-boot, wrong-board-after-identify, forgets-credential, wrong-proof, \
        no-join, keeps-network
        """

    init(_ text: String) throws {
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        let value = parts.count == 2 ? parts[1] : nil
        func seconds() throws -> Int {
            guard let number = value.flatMap(Int.init), (1...600).contains(number) else {
                throw UnknownFault(description: "\(text): expected a number of seconds from 1 to 600 after =")
            }
            return number
        }
        switch (parts.first ?? "", value) {
        case ("duplicate-mac", nil): self = .duplicateMAC
        case ("bad-mac", nil): self = .badMAC
        case ("flash-bit-flip", nil): self = .flashBitFlip
        case ("wrong-product-secret", nil): self = .wrongProductSecret
        case ("garbage-on-serial", nil): self = .garbageOnSerial
        case ("no-boot", nil): self = .noBoot
        case ("wrong-board-after-identify", nil): self = .wrongBoardAfterIdentify
        case ("forgets-credential", nil): self = .forgetsCredential
        case ("wrong-proof", nil): self = .wrongProof
        case ("no-join", nil): self = .noJoin
        case ("keeps-network", nil): self = .keepsNetwork
        case ("unplug-at", let name?):
            guard let step = Step(rawValue: name) else {
                let steps = Step.allCases.map(\.rawValue).joined(separator: ", ")
                throw UnknownFault(description: "\(text): expected a step after =: \(steps)")
            }
            self = .unplug(at: step)
        case ("cloud-down", .some): self = .cloudDown(seconds: try seconds())
        case ("switch-off", nil): self = .switchOff(seconds: nil)
        case ("switch-off", .some): self = .switchOff(seconds: try seconds())
        default: throw UnknownFault(description: "there is no fault \"\(text)\"; there are: \(Self.usage)")
        }
    }

    /// Whether it hits one board (or a pair) rather than the cloud.
    var hitsOneBoard: Bool {
        switch self {
        case .cloudDown, .switchOff: false
        default: true
        }
    }

    /// Whether it shows only once the board is switched on into its firmware.
    var needsPower: Bool {
        switch self {
        case .noBoot, .wrongProductSecret, .forgetsCredential, .wrongProof, .noJoin, .keepsNetwork, .unplug(.boot),
            .unplug(.activate):
            true
        default: false
        }
    }

    var description: String {
        switch self {
        case .duplicateMAC: "duplicate-mac"
        case .badMAC: "bad-mac"
        case .flashBitFlip: "flash-bit-flip"
        case .wrongProductSecret: "wrong-product-secret"
        case .garbageOnSerial: "garbage-on-serial"
        case .noBoot: "no-boot"
        case .wrongBoardAfterIdentify: "wrong-board-after-identify"
        case .forgetsCredential: "forgets-credential"
        case .wrongProof: "wrong-proof"
        case .noJoin: "no-join"
        case .keepsNetwork: "keeps-network"
        case .unplug(let step): "unplug-at=\(step.rawValue)"
        case .cloudDown(let seconds): "cloud-down=\(seconds)"
        case .switchOff(nil): "switch-off"
        case .switchOff(let seconds?): "switch-off=\(seconds)"
        }
    }

    /// Whether a run that met this fault ended as it should.
    func isExpected(outcome: Outcome, code: String?) -> Bool {
        switch self {
        case .badMAC: outcome == .fail && code == "ID-104"
        case .flashBitFlip: outcome == .fail && ["FL-102", "VF-101"].contains(code)
        case .wrongProductSecret: outcome == .fail && code == "AC-102"
        case .noBoot: outcome == .fail && code == "BT-101"
        case .forgetsCredential, .wrongProof: outcome == .fail && code == "AC-105"
        // Two boards that cannot join at one time are held: then the line's network is to blame.
        case .noJoin: (outcome == .fail && code == "BT-105") || (outcome == .held && code == "BT-201")
        case .keepsNetwork: outcome == .fail && code == "AC-109"
        case .wrongBoardAfterIdentify: outcome == .held && code == "ID-106"
        // Noise may spoil what the board says over its line as well: that it is ready, that it has joined, that its network is
        // wiped, how it ships.
        case .garbageOnSerial:
            outcome == .pass || (outcome == .held && code == "BT-201")
                || (outcome == .fail
                    && ["ID-", "FL-", "VF-", "BT-101", "AC-109", "AC-111"].contains { code?.hasPrefix($0) == true })
        case .unplug(.conclude): outcome == .pass
        case .unplug(.identify): outcome == .fail && code == "ID-110"
        case .unplug(.claim), .unplug(.register), .unplug(.flash): outcome == .fail && code == "FL-110"
        case .unplug(.verify): outcome == .fail && code == "VF-110"
        case .unplug(.boot): outcome == .fail && code == "BT-110"
        // The proof may come before the hand that unplugs: then it is a pass, and rightly so.
        case .unplug(.activate): outcome == .pass || (outcome == .fail && code == "AC-110")
        // One of the pair passes, the other is held; the pair is judged together.
        case .duplicateMAC: outcome == .pass || (outcome == .held && code == "CL-101")
        case .cloudDown, .switchOff(.some): outcome == .pass
        case .switchOff(nil): outcome == .held && code == "RG-202"
        }
    }
}
