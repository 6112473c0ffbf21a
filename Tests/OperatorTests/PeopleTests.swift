import Locking
import Foundation
import Journal
import NIOHTTP1
import NIOPosix
import Provisioning
import Testing
import Vault

@testable import Operator

@Suite("People")
struct PeopleTests {
    @Test("people are added, changed and removed; badges and PINs never come back, nor into the journal")
    func life() async throws {
        try await OperatorBed.with { bed in
            let engineer = try await bed.start()
            let added = try await bed.api(
                .POST, "/people", ["name": "王芳", "role": "operator", "badge": "BADGE-WANG-1", "pin": "583174"],
                as: engineer)
            #expect(added.status == 201)
            #expect(Schema.person.problems(added.json) == [])
            let id = added.json["id"].string ?? ""
            let session = try await bed.signIn("BADGE-WANG-1", "583174")
            let changed = try await bed.api(
                .PUT, "/people/\(id)", ["name": nil, "role": "leader", "badge": nil, "pin": nil], as: engineer)
            #expect(changed.json["role"] == "leader")
            #expect(changed.json["name"] == "王芳")
            // A new role works at once, at the same session.
            #expect(try await bed.api(.GET, "/session", as: session).json["person"]["role"] == "leader")
            let list = try await bed.api(.GET, "/people", as: engineer)
            #expect(list.json["people"].array?.count == 2)
            #expect(!list.text.contains("BADGE-WANG-1"))
            #expect(!list.text.contains("argon2"))
            #expect(try await bed.api(.PUT, "/people/\(id)", ["pin": "902716"], as: engineer).status == 200)
            #expect(try await bed.api(.GET, "/session", as: session).json["person"] == .null)
            #expect(try await bed.api(.DELETE, "/people/\(id)", as: engineer).status == 204)
            let gone = try await bed.api(.POST, "/session", ["badge": "BADGE-WANG-1", "pin": "902716"])
            #expect(gone.status == 401)
            let records = Locked<[String]>([])
            try await bed.journal.export(.jsonl) { line in records.withLock { $0.append(line) } }
            let text = records.now.joined()
            for secret in ["BADGE-WANG-1", "583174", "902716", "argon2"] { #expect(!text.contains(secret)) }
            #expect(try await bed.journal.recordCounts()["person.changed"] == 5)
        }
    }

    @Test("one badge belongs to one person, and the last engineer stays one")
    func conflicts() async throws {
        try await OperatorBed.with { bed in
            let engineer = try await bed.start()
            let same = try await bed.api(
                .POST, "/people",
                ["name": "乙", "role": "operator", "badge": .string(OperatorBed.engineerBadge), "pin": "583174"],
                as: engineer)
            #expect(same.status == 409)
            #expect(try await bed.api(.DELETE, "/people/P-0001", as: engineer).status == 409)
            #expect(try await bed.api(.PUT, "/people/P-0001", ["role": "operator"], as: engineer).status == 409)
            #expect(try await bed.api(.PUT, "/people/P-0009", ["role": "operator"], as: engineer).status == 404)
            let weak = try await bed.api(
                .POST, "/people", ["name": "乙", "role": "operator", "badge": "BADGE-YI-001", "pin": "1234"],
                as: engineer)
            #expect(weak.status == 422)
            #expect(weak.json["detail_zh"].string?.contains("PIN") == true)
        }
    }

    @Test("who there is outlives a restart, sealed; a number is never given again")
    func restart() async throws {
        try await OperatorBed.with { bed in
            _ = try await bed.everybody()
            let files = try FileManager.default.contentsOfDirectory(atPath: bed.folder + "/data/vault")
            #expect(files.filter { $0.hasPrefix("person.") }.count == 4)
            let names = try bed.vault.names().filter { $0.kind == .person }
            #expect(names.map(\.identifier) == ["P-0001", "P-0002", "P-0003", "P-0004"])
            let engineer = try await bed.signIn()
            #expect(try await bed.api(.DELETE, "/people/P-0004", as: engineer).status == 204)
            let reread = try People(vault: bed.vault, journal: bed.journal, pool: .singleton)
            #expect(reread.all.map(\.id) == ["P-0001", "P-0002", "P-0003", "P-0004"])
            #expect(reread.all.filter(\.isActive).count == 3)
            let next = try await reread.add(
                name: "新", role: .operator, badge: Secret("BADGE-NEW-01"), pin: Secret("583174"), by: "test")
            #expect(next.id == "P-0005")
        }
    }

    @Test("a PIN's hash is argon2id with at least 19 MiB and 2 passes, and salted")
    func hash() throws {
        let (one, two) = (try PINHash(pin: Secret("583174")), try PINHash(pin: Secret("583174")))
        #expect(one.text.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$"))
        #expect(one != two)
        #expect(one.matches(Secret("583174")))
        #expect(!one.matches(Secret("583175")))
    }
}
