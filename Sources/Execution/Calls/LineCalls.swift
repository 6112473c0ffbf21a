import Journal

/// Everything the line calls outside: the MES, the andon, the label printer. What is not configured is nil.
public struct LineCalls: Sendable {
    public let andon: Andon?
    public let labels: LabelDesk?
    let beforeRun: BeforeRunCall?
    let afterRun: AfterRunQueue?
    private let health: MESHealth?
    private let clients: [CallClient]

    /// Nobody is told or asked.
    init() {
        (andon, labels, beforeRun, afterRun, health, clients) = (nil, nil, nil, nil, nil, [])
    }

    init(_ settings: CallSettings, station: String, journal: Journal, actor: String, events: LineEvents) {
        var clients: [CallClient] = []
        func client(_ caFile: String?) -> CallClient {
            let made = CallClient(caFile: caFile)
            clients.append(made)
            return made
        }
        andon = settings.andon.map { Andon(station: station, settings: $0, client: client($0.caFile)) }
        labels = settings.labels.map {
            LabelDesk(station: station, settings: $0, journal: journal, actor: actor)
        }
        if let mes = settings.mes {
            let (health, client) = (MESHealth(), client(mes.caFile))
            beforeRun = mes.beforeRun.map {
                BeforeRunCall(station: station, url: $0, settings: mes, client: client, health: health)
            }
            afterRun = mes.afterRun.map {
                AfterRunQueue(
                    station: station, url: $0, settings: mes, journal: journal, client: client, health: health,
                    onNotice: { events.send(.notice($0)) })
            }
            self.health = health
        } else {
            (beforeRun, afterRun, health) = (nil, nil, nil)
        }
        self.clients = clients
    }

    /// How the MES answers; nil where there is none.
    public var mesHealth: CallHealth? { health?.reading }

    /// Tells andon and MES until cancelled, then closes every connection.
    /// - Parameter events: the line's, from its start.
    func run(_ events: AsyncStream<LineEvent>) async throws {
        let result: Result<Void, any Error>
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                // Without an andon the events are only read, and the connections stay open until the end.
                if let andon {
                    group.addTask { await andon.run(events) }
                } else {
                    group.addTask { for await _ in events {} }
                }
                if let afterRun { group.addTask { try await afterRun.run() } }
                try await group.waitForAll()
            }
            result = .success(())
        } catch { result = .failure(error) }
        for client in clients { await client.shutdown() }
        try result.get()
    }
}
