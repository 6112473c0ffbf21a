import Journal
import NIOHTTP1
import Provisioning
import Testing

@testable import Operator

@Suite("Signing in and off")
struct SignInTests {
    @Test("the first start's code makes one engineer and is void then")
    func firstStart() async throws {
        try await OperatorBed.with { bed in
            let code = try #require(bed.server.startCode)
            let wrong = try await bed.api(
                .POST, "/session/start", ["code": "AAAAA-AAAAA", "name": "甲", "badge": "B-12345", "pin": "5831"])
            #expect(wrong.status == 401)
            let session = try await bed.start()
            #expect(bed.server.startCode == nil)
            let again = try await bed.api(
                .POST, "/session/start", ["code": .string(code), "name": "乙", "badge": "B-99999", "pin": "5831"])
            #expect(again.status == 409)
            let answer = try await bed.api(.GET, "/session", as: session)
            #expect(answer.json["person"]["role"] == "engineer")
            #expect(answer.json["csrf"].string == session.csrf)
            #expect(Schema.session.problems(answer.json) == [])
            #expect(try await bed.journal.recordCounts()["person.changed"] == 1)
        }
    }

    @Test("five wrong codes make the first start's code void")
    func wrongCodes() async throws {
        try await OperatorBed.with { bed in
            for _ in 1...5 {
                let answer = try await bed.api(
                    .POST, "/session/start", ["code": "AAAAA-AAAAA", "name": "甲", "badge": "B-12345", "pin": "5831"])
                #expect(answer.status == 401)
            }
            #expect(bed.server.startCode == nil)
        }
    }

    @Test("a wrong badge and a wrong PIN get the same answer")
    func sameAnswer() async throws {
        try await OperatorBed.with { bed in
            _ = try await bed.start()
            let badge = try await bed.api(.POST, "/session", ["badge": "NOBODYS-BADGE", "pin": "802714"])
            let pin = try await bed.api(
                .POST, "/session", ["badge": .string(OperatorBed.engineerBadge), "pin": "111119"])
            #expect(badge.status == 401)
            #expect(badge.text == pin.text)
            #expect(badge.headers["content-type"] == ["application/problem+json"])
        }
    }

    @Test(
        "five wrong PINs lock a badge for a time that grows", arguments: [OperatorBed.engineerBadge, "NOBODYS-BADGE"])
    func lockout(badge: String) async throws {
        try await OperatorBed.with { bed in
            _ = try await bed.start()
            func attempt(_ pin: String) async throws -> BedAnswer {
                try await bed.api(.POST, "/session", ["badge": .string(badge), "pin": .string(pin)])
            }
            for _ in 1...5 { #expect(try await attempt("000001").status == 401) }
            let locked = try await attempt(OperatorBed.engineerPIN)
            #expect(locked.status == 429)
            #expect(locked.headers["retry-after"] == ["30"])
            bed.clock.advance(.seconds(31))
            #expect(try await attempt("000001").status == 401)
            #expect(try await attempt("000001").headers["retry-after"] == ["60"])
            bed.clock.advance(.seconds(61))
            let right = try await attempt(OperatorBed.engineerPIN)
            #expect(right.status == (badge == OperatorBed.engineerBadge ? 200 : 401))
        }
    }

    @Test("a person who does nothing is signed off; looking is not doing")
    func idle() async throws {
        try await OperatorBed.with { bed in
            let session = try await bed.start()
            bed.clock.advance(.seconds(14 * 60))
            #expect(try await bed.api(.GET, "/session", as: session).json["idle_seconds"] == 60)
            #expect(try await bed.api(.GET, "/session", as: session).json["person"] != .null)
            bed.clock.advance(.seconds(61))
            #expect(try await bed.api(.GET, "/session", as: session).json["person"] == .null)
        }
    }

    @Test("the end of a shift signs everybody off")
    func shiftEnd() async throws {
        try await OperatorBed.with { bed in
            let session = try await bed.start()
            try await bed.server.endShift()
            #expect(try await bed.api(.DELETE, "/session", as: session).status == 401)
            #expect(try await bed.journal.recordCounts()["person.signed-off"] == 1)
        }
    }

    @Test("the cookie is HttpOnly and SameSite=Strict")
    func cookie() async throws {
        try await OperatorBed.with { bed in
            _ = try await bed.start()
            let answer = try await bed.api(
                .POST, "/session",
                ["badge": .string("PS1:BADGE:" + OperatorBed.engineerBadge), "pin": .string(OperatorBed.engineerPIN)])
            let cookie = try #require(answer.headers["set-cookie"].first)
            #expect(cookie.contains("HttpOnly"))
            #expect(cookie.contains("SameSite=Strict"))
            #expect(answer.headers["cache-control"] == ["no-store"])
        }
    }

    @Test(
        "a PIN that is none or the first to be guessed is not taken",
        arguments: ["123", "1234567890123", "12a4", "0000", "1234", "987654"])
    func weakPIN(pin: String) {
        #expect(PINRule.problem(Secret(pin)) != nil)
    }

    @Test("a PIN of 4 to 12 digits is taken", arguments: ["5831", "802714", "135791357913"])
    func goodPIN(pin: String) {
        #expect(PINRule.problem(Secret(pin)) == nil)
    }
}
