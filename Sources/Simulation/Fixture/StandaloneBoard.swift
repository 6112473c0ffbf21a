/// One simulated board with its control socket, for `simulate board` and for tests.
public struct StandaloneBoard: Sendable {
    /// The board itself.
    public let board: SimulatedBoard
    private let loop: PollLoop
    private let server: ControlServer

    /// Opens flash, port and control socket.
    /// - Parameter relay: host and port of the control socket; port 0 takes any.
    /// - Throws: ``BoardError`` with code `flash` or `port`.
    public init(
        _ configuration: BoardConfiguration, relay: (host: String, port: Int) = ("127.0.0.1", 0)
    ) throws(BoardError) {
        loop = PollLoop(name: "board")
        board = try SimulatedBoard(configuration, loop: loop)
        server = try ControlServer(host: relay.host, port: relay.port, loop: loop)
    }

    /// Where board and control socket are reached.
    public var address: SimulatedFixture.SlotAddress {
        SimulatedFixture.SlotAddress(name: "board", port: board.address, control: server.address)
    }

    /// Starts the board and serves until the task is cancelled, then takes the board away.
    public func run() async {
        await board.begin()
        await server.run { line in
            do {
                return try await board.perform(try BoardCommand(parsing: line))
            } catch {
                return "error \(error)"
            }
        }
        await board.close()
        loop.shutdown()
    }
}
