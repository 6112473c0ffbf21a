import Journal
import HTTPTypes
import Provisioning

extension RouteTable {
    /// What is scanned, and what a button says in a scan's place.
    static let scans: [Route] = [
        Route(
            .post, "/scans", .all, "Takes a scan; the same id again is answered the same and does nothing twice.",
            body: .json(
                .object([
                    .init("id", .string(length: 8...64, pattern: "^[A-Za-z0-9-]+$")),
                    .init("text", .string(length: 1...512, pattern: #"^[^\x00]*$"#)),
                ])), .json(.ok, .scanAnswer),
            { call in
                let text = call.text("text")
                if case .badge? = CardText(scanned: text) {
                    return Answer(Dialogue.askPIN(RandomText.token()).json)
                }
                let (person, session) = try call.caller.signedIn()
                guard person.may(.work) else { throw Problem.missing(.work) }
                return Answer(try await call.desk.scans.scan(call.text("id"), text, by: person, session, call.desk))
            }),
        Route(
            .post, "/asks/{id}", .permission(.work), "Answers a question with a reason or a second person.",
            body: .json(
                .object([
                    .init("reason", .reason, isOptional: true), .init("badge", .badge, isOptional: true),
                    .init("pin", .pin, isOptional: true),
                ])), .json(.ok, .scanAnswer),
            { call in
                let (person, session) = try call.caller.signedIn()
                let second = try await call.secondPerson(
                    badge: call.body["badge"].string, pin: call.body["pin"].string, besides: person.id)
                return Answer(
                    try await call.desk.scans.answer(
                        call.parameter("id"), reason: call.body["reason"].string, second: second, by: person, session,
                        call.desk))
            }),
        Route(
            .post, "/calls", .permission(.work), "Calls for help, for a unit or a slot where one is named.",
            body: .json(.object([.init("unit", .text, isOptional: true), .init("slot", .text, isOptional: true)])),
            .nothing,
            { call in
                if let slot = call.body["slot"].string, await call.desk.feed.tile(slot) == nil {
                    throw Problem(.notFound, Bilingual(zh: "没有工位 \(slot)", en: "there is no slot \(slot)"))
                }
                if let unit = call.body["unit"].string { _ = try await call.desk.journal.unit(deviceName: unit) }
                _ = try await call.desk.carryOut(
                    .call(unit: call.body["unit"].string, slot: call.body["slot"].string),
                    actor: try call.caller.actor, session: call.caller.session)
                return .nothing
            }),
    ]
}

extension Call {
    /// The second person who signs, proved by badge and PIN; nil where none is named.
    /// - Throws: ``Problem``: the same person, or one who may not countersign.
    func secondPerson(badge: String?, pin: String?, besides first: String) async throws -> Person? {
        guard let badge, let pin else { return nil }
        let second = try await desk.signIn.prove(badge: Secret(RouteTable.badge(badge)), pin: Secret(pin))
        guard second.id != first else {
            throw Problem.body("签字的应是另一个人", "the second person is the same one: another has to sign")
        }
        guard second.may(.countersign) else { throw Problem.missing(.countersign) }
        return second
    }
}

extension Schema {
    static let reason = Schema.string(length: 1...500, pattern: oneLine)

    static let ask = Schema.object([
        .init("id", .text), .init("kind", .choice(ScanAnswer.Ask.Kind.allCases.map(\.rawValue))),
        .init("zh", .anyText), .init("en", .anyText),
    ])

    static let scanAnswer = Schema.named(
        "ScanAnswer",
        .object([
            .init("kind", .choice(ScanAnswer.Kind.allCases.map(\.rawValue))),
            .init("result", .choice(ScanAnswer.Result.allCases.map(\.rawValue))), .init("zh", .anyText),
            .init("en", .anyText), .init("speak", .nullable(.choice(["ok"]))), .init("ask", .nullable(.ask)),
            .init("unit", .nullable(.text)), .init("slot", .nullable(.text)), .init("open", .nullable(.anyText)),
        ]))
}
