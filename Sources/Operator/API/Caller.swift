/// Who asks.
enum Caller: Sendable {
    case nobody
    case person(Person, Sessions.Session)
    case machine(MachineToken)

    /// Whom the journal names for what is done.
    /// - Throws: ``Problem`` where nobody is signed in.
    var actor: String {
        get throws {
            switch self {
            case .nobody: throw Problem.signIn
            case .person(let person, _): person.actor
            case .machine(let token): token.actor
            }
        }
    }

    var person: Person? { if case .person(let person, _) = self { person } else { nil } }
    var session: Sessions.Session? { if case .person(_, let session) = self { session } else { nil } }

    /// The person and the session.
    /// - Throws: ``Problem`` where nobody is signed in.
    func signedIn() throws -> (Person, Sessions.Session) {
        guard case .person(let person, let session) = self else { throw Problem.signIn }
        return (person, session)
    }
}
