import Glibc

/// The control socket of a slot: one command a line, answered by `ok`, `yes`, `no` or `error TEXT`.
///
/// Lines of all connections are carried out one after the other. Lives on the slot's ``PollLoop``.
actor ControlServer {
    private struct Line: Sendable {
        let connection: Int
        let text: String
    }

    private struct Connection {
        let descriptor: OwnedDescriptor
        let token: PollLoop.Token
        var partial: [UInt8] = []
    }

    private static let longestLine = 256
    private static let mostConnections = 32

    private nonisolated let loop: PollLoop
    private let listener: BoardListener
    private let lines: AsyncStream<Line>
    private let arrived: AsyncStream<Line>.Continuation
    private var connections: [Int: Connection] = [:]
    private var lastConnection = 0
    private var listening: PollLoop.Token?

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
    /// `socket://127.0.0.1:PORT`
    nonisolated let address: String

    /// Listens at once; nobody is answered before ``run(_:)``.
    /// - Throws: ``BoardError`` with code `port`.
    init(host: String, port: Int, loop: PollLoop) throws(BoardError) {
        self.loop = loop
        listener = try BoardListener(host: host, port: port)
        address = listener.address
        (lines, arrived) = AsyncStream.makeStream(of: Line.self, bufferingPolicy: .bufferingOldest(64))
    }

    /// Serves until the task is cancelled.
    /// - Parameter answer: carries out one line and returns the answer, without line end.
    func run(_ answer: @Sendable (String) async -> String) async {
        listening = loop.watch(listener.descriptor.number, events: Int32(POLLIN)) { [weak self] _ in
            self?.assumeIsolated { $0.accept() }
        }
        for await line in lines {
            let text = await answer(line.text)
            reply(text, to: line.connection)
        }
        if let listening { loop.unwatch(listening) }
        for connection in connections.values { loop.unwatch(connection.token) }
        connections = [:]
    }

    private func accept() {
        while connections.count < Self.mostConnections, let descriptor = listener.accept() {
            lastConnection += 1
            let number = lastConnection
            let token = loop.watch(descriptor.number, events: Int32(POLLIN)) { [weak self] _ in
                self?.assumeIsolated { $0.readable(number) }
            }
            connections[number] = Connection(descriptor: descriptor, token: token)
        }
    }

    private func readable(_ number: Int) {
        guard let connection = connections[number] else { return }
        switch connection.descriptor.read(limit: 4096) {
        case .later: return
        case .gone: drop(number)
        case .done(let bytes):
            var rest = connection.partial + bytes
            while let end = rest.firstIndex(of: 0x0A) {
                let text = String(decoding: rest[..<end].filter { $0 != 0x0D }, as: UTF8.self)
                arrived.yield(Line(connection: number, text: text))
                rest = Array(rest[(end + 1)...])
            }
            connections[number]?.partial = rest
            if rest.count > Self.longestLine { drop(number) }
        }
    }

    private func reply(_ text: String, to number: Int) {
        guard let connection = connections[number] else { return }
        let line = Array((text.filter { $0 != "\n" } + "\n").utf8)
        guard case .done(line.count) = connection.descriptor.write(line[...]) else { return drop(number) }
    }

    private func drop(_ number: Int) {
        if let connection = connections.removeValue(forKey: number) { loop.unwatch(connection.token) }
        accept()
    }
}
