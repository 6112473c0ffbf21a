/// One position of a simulated fixture: a control socket, and a board while one is placed.
///
/// Lives on a ``PollLoop`` of its own, and so does the board placed on it.
actor FixtureSlot {
    private nonisolated let loop: PollLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
    nonisolated let name: String
    /// The link a placed board appears under.
    nonisolated let link: String
    /// The USB port path of the slot.
    private nonisolated let usb: String?
    /// `socket://127.0.0.1:PORT`
    nonisolated let control: String

    private let server: ControlServer
    private let tray: FixtureTray
    private var placed: (id: Int, board: SimulatedBoard)?

    /// Opens the control socket on this machine's loopback address.
    /// - Throws: ``BoardError`` with code `port`.
    init(_ slot: FixturePlan.Slot, tray: FixtureTray) throws(BoardError) {
        loop = PollLoop(name: "slot \(slot.name)")
        name = slot.name
        link = slot.link
        usb = slot.usb
        server = try ControlServer(host: "127.0.0.1", port: slot.controlPort ?? 0, loop: loop)
        control = server.address
        self.tray = tray
    }

    /// Serves the control socket until the task is cancelled, then takes the board away.
    func run() async {
        await server.run { [weak self] line in await self?.answer(line) ?? "error the slot is closed" }
        try? await remove()
        loop.shutdown()
    }

    private func answer(_ line: String) async -> String {
        do {
            return try await perform(try BoardCommand(parsing: line))
        } catch {
            return "error \(error)"
        }
    }

    private func perform(_ command: BoardCommand) async throws -> String {
        switch command {
        case .isPresent: return placed == nil ? "no" : "yes"
        case .place(let id):
            try await place(id)
            return "ok"
        case .remove:
            try await remove()
            return "ok"
        case .off, .on, .loader, .run:
            guard let board = placed?.board else { throw BoardError(.state, "no board on slot \(name)") }
            return try await board.perform(command)
        }
    }

    /// Puts a board on: its port appears, and it waits in its loader without a word, as a bare board that was powered
    /// with its strap set.
    private func place(_ id: Int) async throws {
        if let placed { throw BoardError(.state, "board \(placed.id) is on slot \(name); remove it first") }
        let entry = try tray.take(id, for: name)
        do {
            let board = try SimulatedBoard(entry.configuration(link: link, usb: usb), loop: loop)
            await board.begin()
            placed = (id, board)
        } catch {
            tray.putBack(id)
            throw error
        }
    }

    private func remove() async throws {
        guard let (id, board) = placed else { throw BoardError(.state, "no board on slot \(name)") }
        await board.close()
        placed = nil
        tray.putBack(id)
    }
}
