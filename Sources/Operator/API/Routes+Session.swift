import HTTPTypes
import Hummingbird
import Provisioning

extension RouteTable {
    /// Signing in and off.
    static let session: [Route] = [
        Route(
            .get, "/session", .all, "Who is signed in at this browser.", .json(.ok, .session),
            { call in Answer(call.desk.json(call.caller)) }),
        Route(
            .post, "/session", .all, "Signs in with badge and PIN; sets the session's cookie.",
            body: .json(.object([.init("badge", .badge), .init("pin", .pin)])), .json(.ok, .session),
            { call in
                let opened = try await call.desk.signIn.open(
                    badge: Secret(badge(call.text("badge"))), pin: Secret(call.text("pin")))
                return try await signedIn(opened, call)
            }),
        Route(
            .post, "/session/start", .all, "Makes the first engineer by the one-time code of the station's terminal.",
            body: .json(
                .object([
                    .init("code", .string(length: 1...20, pattern: Schema.oneLine)), .init("name", .name),
                    .init("badge", .badge), .init("pin", .newPIN),
                ])), .json(.ok, .session),
            { call in
                let opened = try await call.desk.signIn.start(
                    code: call.text("code"), name: call.text("name"), badge: Secret(badge(call.text("badge"))),
                    pin: Secret(call.text("pin")))
                return try await signedIn(opened, call)
            }),
        Route(
            .delete, "/session", .signedIn, "Signs off.", .nothing,
            { call in
                let (_, session) = try call.caller.signedIn()
                try await call.desk.signIn.close(session)
                var answer = Answer.nothing
                answer.headers[.setCookie] = call.gate.noCookie
                return answer
            }),
    ]

    private static func signedIn(
        _ opened: (session: Sessions.Session, cookie: String), _ call: Call
    ) async throws -> Answer {
        guard let person = call.desk.people.person(opened.session.person) else { throw Problem.signIn }
        if let old = call.caller.session { try await call.desk.signIn.close(old, cause: "replaced") }
        var answer = Answer(call.desk.json(.person(person, opened.session)))
        answer.headers[.setCookie] = call.gate.cookie(opened.cookie)
        return answer
    }

    /// A badge as it was scanned or typed: with the card's prefix or without.
    static func badge(_ text: String) -> String {
        if case .badge(let secret)? = CardText(scanned: text) { return secret.revealed }
        return text
    }
}

extension Schema {
    static let badge = Schema.string(length: 4...128, pattern: oneLine)
    /// A PIN that is tried.
    static let pin = Schema.string(length: 1...32, pattern: oneLine)
    /// A PIN that is to be kept.
    static let newPIN = Schema.string(length: 4...12, pattern: "^[0-9]{4,12}$", example: "583174")
    static let name = Schema.string(
        length: 1...60, pattern: #"^[^\s\x00-\x1F\x7F]([^\x00-\x1F\x7F]*[^\s\x00-\x1F\x7F])?$"#, example: "王芳")
    static let role = Schema.choice(Role.allCases.map(\.rawValue))

    static let person = Schema.named(
        "Person",
        .object([
            .init("id", .string(length: 6...12)), .init("name", .name), .init("role", .role), .init("active", .boolean),
            .init("permissions", .list(.choice(Permission.allCases.map(\.rawValue)), count: 0...100)),
        ]))

    static let session = Schema.named(
        "Session",
        .object([
            .init("person", .nullable(.person)), .init("csrf", .nullable(.string(length: 43...43))),
            .init("idle_seconds", .count, "until the person is signed off for doing nothing"),
            .init("first_start", .boolean, "whether the station waits for its first engineer"),
        ]))
}
