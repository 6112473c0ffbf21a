import Journal
import Provisioning

/// The question to the MES, once the identity is known and before anything is bound to it.
extension BoardRun {
    /// - Throws: ``Failure`` with CL-301, CL-302 or CL-303.
    func askMES(_ identity: Identity, _ name: DeviceName) async throws {
        guard let call = line.calls.beforeRun else { return }
        // A board that will not run by its own record is not the MES's to judge: the claim says why.
        if let known = try await line.journal.unit(identity: identity), known.pending == nil,
            [.passed, .done, .scrapped, .replaced].contains(known.state)
        {
            return
        }
        show { ($0.message, $0.messageZh) = ("asks the MES", "正在询问 MES") }
        let verdict = try await call.ask(
            BeforeRunCall.Question(run: run, slot: slot.name, order: order, identity: identity, deviceName: name))
        show { ($0.message, $0.messageZh) = ("", "") }
        try await line.journal.recordMESAnswer(
            run: run, slot: slot.name, answer: verdict.json, actor: line.settings.actor)
        switch verdict {
        case .allowed: break
        case .unanswered(let sentence):
            line.events.send(
                .notice(
                    "\(slot.name): run \(run) goes on without the MES: \(sentence)", zh: "工位 \(slot.name)：MES 无应答，按设定继续"
                ))
        case .refused(let failure): throw failure
        }
    }
}
