/// Where clients reach the board's UART: a pseudo terminal, which always has its one client, or a TCP listener with
/// one client at a time. Used on one thread.
final class BoardPort {
    private enum Kind {
        case terminal(PseudoTerminal)
        case listener(BoardListener)
        case closed
    }

    private var kind: Kind
    private var connection: OwnedDescriptor?
    let address: String

    init(_ configuration: BoardConfiguration.Port) throws(BoardError) {
        switch configuration {
        case .terminal(let link):
            kind = .terminal(try PseudoTerminal(link: link))
            address = link
        case .listener(let host, let port):
            let listener = try BoardListener(host: host, port: port)
            kind = .listener(listener)
            address = listener.address
        }
    }

    /// What to watch from the start.
    var descriptors: [OwnedDescriptor] {
        switch kind {
        case .terminal(let terminal): [terminal.master]
        case .listener(let listener): [listener.descriptor]
        case .closed: []
        }
    }

    func isListener(_ descriptor: OwnedDescriptor) -> Bool {
        if case .listener(let listener) = kind { listener.descriptor === descriptor } else { false }
    }

    /// The descriptor bytes pass through; nil while no client is connected.
    var client: OwnedDescriptor? {
        if case .terminal(let terminal) = kind { terminal.master } else { connection }
    }

    /// The rate the client set; nil where rates have no meaning.
    var clientBaud: Int? {
        if case .terminal(let terminal) = kind { terminal.clientBaud } else { nil }
    }

    /// Takes the next TCP client; nil when none waits.
    func accept() -> OwnedDescriptor? {
        guard case .listener(let listener) = kind else { return nil }
        connection = listener.accept()
        return connection
    }

    /// Ends the TCP client's connection; false on a terminal, whose client never leaves.
    func dropClient() -> Bool {
        guard connection != nil else { return false }
        connection = nil
        return true
    }

    /// Takes link, listener and client away.
    func close() {
        if case .terminal(let terminal) = kind { terminal.removeLink() }
        kind = .closed
        connection = nil
    }
}
