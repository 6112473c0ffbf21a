import Provisioning
import Simulation

extension DemoBoard {
    /// The board as the fixture's plan has it.
    func planned(flash: String) throws -> JSONValue {
        [
            "id": .init(id), "mac": .string(mac), "uid": .string(uid), "sn": .init(sn), "imei": .init(imei),
            "flash": .string(flash), "fault": planFault,
            "family": .string(try SimulatedFamily(of: profile).rawValue),
            "device_name": .string(profile.deviceName.template), "joins_network": .bool(profile.network != nil),
        ]
    }

    /// The fault as the fixture's plan takes it; faults that hands or the plan's identities make are none of its own.
    private var planFault: JSONValue {
        switch fault {
        // A bit of the application that its image has set in the one state and the flash keeps in the other.
        case .flashBitFlip: ["kind": "stuck-bit", "offset": 0x12345, "bit": 3, "value": nil]
        case .wrongProductSecret: ["kind": "wrong-product-secret"]
        case .noBoot: ["kind": "no-boot"]
        case .forgetsCredential: ["kind": "forgets-credential"]
        case .wrongProof: ["kind": "wrong-proof"]
        case .noJoin: ["kind": "no-join"]
        case .keepsNetwork: ["kind": "keeps-network"]
        case .garbageOnSerial: ["kind": "garbage:\(id):0.0005"]
        default: nil
        }
    }
}
