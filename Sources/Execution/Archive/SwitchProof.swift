import AliyunIoT
import Journal
import Provisioning

/// What the probe says of the product's dynamic-registration switch when a batch ends, as it stands in the archive.
struct SwitchProof {
    let context: CommandContext
    let desk: CloudDesk

    /// Asks, and journals the answer. Trouble of the cloud is an answer, too: the archive says that it is not known.
    func take(_ order: WorkOrder) async throws -> JSONValue {
        let others = try await context.journal.orders().filter {
            $0.id != order.id && $0.productKey == order.productKey && !$0.state.isOver
        }.map(\.id)
        let (state, text) = await ask(order)
        try await context.journal.append(
            kind: .probeAnswered, actor: context.actor,
            body: [
                "order": .string(order.id), "product_key": .string(order.productKey), "answer": .string(text),
                "switch": .string(state), "needed_by": .array(others.map(JSONValue.string)),
            ])
        return [
            "state": .string(state), "answer": .string(text), "needed_by": .array(others.map(JSONValue.string)),
            "en": .string(Self.sentence(state, others, text)),
        ]
    }

    private static func sentence(_ state: String, _ others: [String], _ text: String) -> String {
        switch state {
        case "off": "the switch was off when the batch ended: nobody could register a device any more (6288)"
        case "on" where !others.isEmpty:
            "the switch was on when the batch ended: \(others.joined(separator: ", ")) needed it"
        case "on": "the switch was ON when the batch ended, although no other order of this station needed it"
        default: "whether the switch was off when the batch ended is not known: \(text)"
        }
    }

    private func ask(_ order: WorkOrder) async -> (state: String, text: String) {
        let secret: Secret
        do {
            guard let sealed = try desk.productSecret(order.productKey) else {
                return ("unknown", "no ProductSecret sealed for \(order.productKey)")
            }
            secret = sealed
        } catch { return ("unknown", "the vault: \(error)") }
        let answer = await desk.probe.check(
            productKey: order.productKey, probeName: CloudDesk.probeName, productSecret: secret)
        return switch answer {
        case .switchOff: ("off", "6288: dynamic-registration switch off")
        case .ready: ("on", "200: dynamic-registration switch on, ProductSecret right")
        case .wrongSecret: ("unknown", "6600: the sealed ProductSecret is wrong")
        case .alreadyActive: ("unknown", "somebody has connected as \(CloudDesk.probeName)")
        case .noProbe: ("unknown", "the probe name does not exist")
        case .noProduct: ("unknown", "the cloud does not know product \(order.productKey)")
        case .cannotTell(let reason): ("unknown", reason)
        case .cloudTrouble(let error): ("unknown", "the cloud: \(error)")
        case .failed(let error): ("unknown", "\(error)")
        }
    }
}
