import Execution
import HTTPTypes
import Journal
import Locking
import NIOPosix
import Provisioning
import Vault

/// The people who may sign in and the machines that may use the API: each sealed in a file of its own in the vault, every
/// change in the journal.
///
/// Hashing and the vault's files block; both run on a thread pool of their own, at most two at a time.
final class People: Sendable {
    private struct State {
        var people: [String: Person] = [:]
        var tokens: [String: MachineToken] = [:]
        var waiting = 0
    }

    /// Sign-ins that may wait for the hash at once; beyond, one is asked to come again.
    static let longestQueue = 16

    private let vault: Vault
    private let journal: Journal
    private let pool: NIOThreadPool
    private let state: Locked<State>
    /// What a badge nobody has is checked against, so that it takes the same time.
    private let decoy: PINHash

    /// Reads who there is. Blocks for the vault's files.
    /// - Throws: ``OperatorError`` for a record that is none, what the vault throws.
    init(vault: Vault, journal: Journal, pool: NIOThreadPool) throws {
        (self.vault, self.journal, self.pool) = (vault, journal, pool)
        decoy = try PINHash(pin: Secret(RandomText.token()))
        var found = State()
        for name in try vault.names() where name.kind == .person || name.kind == .token {
            guard let sealed = try vault.secret(name) else { continue }
            let record = try? JSONValue(parsing: sealed.revealed)
            if name.kind == .person, let person = record.flatMap(Person.init(record:)) {
                found.people[person.id] = person
            } else if name.kind == .token, let token = record.flatMap(MachineToken.init(record:)) {
                found.tokens[token.id] = token
            } else {
                throw OperatorError("the sealed file of \(name) is no record of a person or machine; restore a backup")
            }
        }
        state = Locked(found)
    }

    // MARK: - Who there is

    /// Everybody, by number; those removed included, since the journal names them.
    var all: [Person] { state.withLock { $0.people.values.sorted { $0.id < $1.id } } }

    var tokens: [MachineToken] { state.withLock { $0.tokens.values.sorted { $0.id < $1.id } } }

    /// Whether nobody may sign in yet.
    var isEmpty: Bool { !all.contains(where: \.isActive) }

    func person(_ id: String) -> Person? { state.withLock { $0.people[id] } }

    /// Who stands behind an actor of the journal, for people; the actor itself where it is nobody we know.
    func name(of actor: String) -> String {
        if actor.hasPrefix("person:"), let person = person(String(actor.dropFirst(7))) { return person.name }
        if actor.hasPrefix("machine:") {
            let id = String(actor.dropFirst(8))
            return state.withLock { $0.tokens[id]?.name } ?? actor
        }
        return actor
    }

    /// The machine whose token this is.
    func machine(token: String) -> MachineToken? {
        let digest = RandomText.digest(token)
        return state.withLock { state in
            state.tokens.values.first { token in token.digest.map { RandomText.isSame($0, digest) } ?? false }
        }
    }

    // MARK: - Proof of a badge

    /// Whether somebody has that badge.
    func hasBadge(digest: String) -> Bool {
        state.withLock { state in state.people.values.contains { $0.badgeDigest == digest } }
    }

    /// The badge as it is compared: a keyed digest, on the pool.
    func digest(badge: Secret) async throws -> String {
        let vault = vault
        return try await pool.runIfActive { try vault.keyedDigest(of: badge, context: "badge") }
    }

    /// Who has this badge and PIN; nil for a badge nobody has and for a wrong PIN alike, after the same time.
    /// - Throws: ``Problem`` with 429 where too many are waiting.
    func prove(badgeDigest: String, pin: Secret) async throws -> Person? {
        let (person, hasRoom) = state.withLock { state in
            let person = state.people.values.first { person in
                person.badgeDigest.map { RandomText.isSame($0, badgeDigest) } ?? false
            }
            guard state.waiting < Self.longestQueue else { return (person, false) }
            state.waiting += 1
            return (person, true)
        }
        guard hasRoom else { throw Problem.busy }
        defer { state.withLock { $0.waiting -= 1 } }
        let hash = person?.pin ?? decoy
        let isRight = try await pool.runIfActive { hash.matches(pin) }
        return isRight ? person : nil
    }

    // MARK: - Changes

    /// Adds somebody.
    /// - Throws: ``Problem``: a badge that somebody has, a PIN that is none.
    func add(name: String, role: Role, badge: Secret, pin: Secret, by: String) async throws -> Person {
        let (digest, hash) = try await secrets(badge: badge, pin: pin)
        let person = try state.withLock { state in
            try Self.insistOnFree(digest, in: state)
            let person = Person(
                id: Self.next("P", state.people.keys), name: name, role: role, badgeDigest: digest, pin: hash)
            state.people[person.id] = person
            return person
        }
        try await keep(person, before: nil, change: "added", by: by)
        return person
    }

    /// Changes what is given; nil leaves it.
    /// - Throws: ``Problem``: nobody of that number, a badge that somebody has, the last engineer.
    func change(_ id: String, name: String?, role: Role?, badge: Secret?, pin: Secret?, by: String) async throws
        -> Person
    {
        let (digest, hash) = try await secrets(badge: badge, pin: pin)
        let (before, after) = try state.withLock { state in
            guard let before = state.people[id], before.isActive else { throw Problem.noPerson(id) }
            var after = before
            if let name { after.name = name }
            if let role { after.role = role }
            if let digest {
                if digest != before.badgeDigest { try Self.insistOnFree(digest, in: state) }
                after.badgeDigest = digest
            }
            if let hash { after.pin = hash }
            if after.role != .engineer { try Self.insistOnAnotherEngineer(than: before, in: state) }
            state.people[id] = after
            return (before, after)
        }
        let changed = [
            name == nil ? nil : "name", role == nil ? nil : "role", badge == nil ? nil : "badge",
            pin == nil ? nil : "pin",
        ].compactMap { $0 }
        try await keep(after, before: before, change: "changed: " + changed.joined(separator: ", "), by: by)
        return after
    }

    /// Takes somebody's badge and PIN away for good; name and number stay, since the journal names them.
    func remove(_ id: String, by: String) async throws {
        let (before, after) = try state.withLock { state in
            guard let before = state.people[id], before.isActive else { throw Problem.noPerson(id) }
            try Self.insistOnAnotherEngineer(than: before, in: state)
            var after = before
            (after.badgeDigest, after.pin) = (nil, nil)
            state.people[id] = after
            return (before, after)
        }
        try await keep(after, before: before, change: "removed", by: by)
    }

    /// Gives a machine a token.
    /// - Returns: the machine and the token's text, which is shown once and kept nowhere.
    func addToken(name: String, scopes: Set<MachineToken.Scope>, by: String) async throws -> (MachineToken, String) {
        let text = "pst_" + RandomText.token()
        let token = state.withLock { state in
            let token = MachineToken(
                id: Self.next("T", state.tokens.keys), name: name, scopes: scopes, digest: RandomText.digest(text))
            state.tokens[token.id] = token
            return token
        }
        try await keep(token, before: nil, change: "added", by: by)
        return (token, text)
    }

    /// Makes a token void.
    func removeToken(_ id: String, by: String) async throws {
        let (before, after) = try state.withLock { state in
            guard let before = state.tokens[id], before.isActive else { throw Problem.noToken(id) }
            var after = before
            after.digest = nil
            state.tokens[id] = after
            return (before, after)
        }
        try await keep(after, before: before, change: "removed", by: by)
    }

    // MARK: - Keeping

    private func secrets(badge: Secret?, pin: Secret?) async throws -> (badge: String?, pin: PINHash?) {
        if let problem = pin.flatMap(PINRule.problem) { throw Problem(.unprocessableContent, problem) }
        let vault = vault
        return try await pool.runIfActive {
            (
                try badge.map { try vault.keyedDigest(of: $0, context: "badge") }, try pin.map { try PINHash(pin: $0) }
            )
        }
    }

    /// Journals and seals a change that was made in memory; takes it back where either fails.
    private func keep(_ person: Person, before: Person?, change: String, by: String) async throws {
        try await keep(
            SecretName(.person, person.id), person.record,
            PersonRecord.changed(
                id: person.id, name: person.name, role: person.role.rawValue, change: change, by: by)
        ) { state in
            if state.people[person.id] == person { state.people[person.id] = before }
        }
    }

    private func keep(_ token: MachineToken, before: MachineToken?, change: String, by: String) async throws {
        let scopes = MachineToken.Scope.allCases.filter(token.scopes.contains).map(\.rawValue)
        try await keep(
            SecretName(.token, token.id), token.record,
            PersonRecord.changed(
                id: token.id, name: token.name, role: "machine: " + scopes.joined(separator: ", "), change: change,
                by: by)
        ) { state in
            if state.tokens[token.id] == token { state.tokens[token.id] = before }
        }
    }

    private func keep(
        _ name: SecretName, _ record: JSONValue, _ note: PersonRecord, undo: (inout State) -> Void
    ) async throws {
        let vault = vault
        do {
            try await note.append(to: journal)
            try await pool.runIfActive { try vault.seal(Secret(record.text), as: name) }
        } catch {
            state.withLock { undo(&$0) }
            throw error
        }
    }

    private static func insistOnFree(_ digest: String?, in state: State) throws {
        guard let other = state.people.values.first(where: { $0.badgeDigest == digest }) else { return }
        throw Problem(
            .conflict,
            Bilingual(
                zh: "这张工牌已属于 \(other.name)（\(other.id)）",
                en: "this badge belongs to \(other.name) (\(other.id)); give another one, or remove that person first"))
    }

    private static func insistOnAnotherEngineer(than person: Person, in state: State) throws {
        guard person.role == .engineer else { return }
        let others = state.people.values.filter { $0.isActive && $0.role == .engineer && $0.id != person.id }
        guard others.isEmpty else { return }
        throw Problem(
            .conflict,
            Bilingual(
                zh: "\(person.name) 是最后一名工程师；请先添加另一名工程师",
                en: "\(person.name) is the last engineer: without one nobody could manage people; add another first"))
    }

    private static func next(_ letter: String, _ taken: some Collection<String>) -> String {
        let last = taken.compactMap { Int($0.dropFirst(2)) }.max() ?? 0
        let text = String(last + 1)
        return "\(letter)-" + String(repeating: "0", count: max(0, 4 - text.count)) + text
    }
}
