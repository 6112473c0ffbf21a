import AliyunIoT

/// Connections of many devices that are opened, held open together, and closed.
struct HeldConnections: Sendable {
    let devices: [CloudDevices.Device]
    let server: CloudServer
    let client: CloudDevices
    /// Connections that are in their handshake at a time.
    let workers: Int

    /// The longest the platform allows: nobody pings while memory is read.
    private static let keepAlive: UInt16 = 1200
    /// Time for a server to put away what the last connection left.
    private static let settling = Duration.seconds(1)

    private enum Event: Sendable {
        case opened
        case failed(String)
    }

    /// Opens one connection for each device and reads the server's memory around it.
    func measure() async throws -> HeldMemory {
        let memory = ProcessMemory(id: server.process.id)
        // The first connections make what all later ones share.
        for device in devices.prefix(workers) { try await client.connect(device, to: server.cloud) { _ in } }
        try await Task.sleep(for: Self.settling)
        let before = memory.resident
        let open = try await hold {
            try await Task.sleep(for: Self.settling)
            return memory.resident
        }
        try await Task.sleep(for: Self.settling)
        return HeldMemory(connections: devices.count, before: before, open: open, after: memory.resident)
    }

    /// Runs `body` while all are open.
    /// - Throws: ``CloudMeasurement/MeasurementError`` when one cannot be opened, or ends before `body` does.
    private func hold<R: Sendable>(_ body: @Sendable () async throws -> R) async throws -> R {
        let (events, feed) = AsyncStream.makeStream(of: Event.self)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            var waiting = devices[...]
            for device in waiting.prefix(workers) { group.addTask { await keep(device, feed) } }
            waiting = waiting.dropFirst(workers)
            var opened = 0
            for await event in events {
                if case .failed(let reason) = event { throw failure(reason, opened) }
                opened += 1
                if let device = waiting.popFirst() { group.addTask { await keep(device, feed) } }
                if opened == devices.count { break }
            }
            try Task.checkCancellation()
            let result = try await body()
            feed.finish()
            // What came since the last connection was open: one that ended.
            for await event in events { if case .failed(let reason) = event { throw failure(reason, opened) } }
            group.cancelAll()
            try await group.waitForAll()
            return result
        }
    }

    private func failure(_ reason: String, _ opened: Int) -> CloudMeasurement.MeasurementError {
        CloudMeasurement.MeasurementError(description: "with \(opened) of \(devices.count) connections open: \(reason)")
    }

    /// Keeps one connection open until the task is cancelled.
    private func keep(_ device: CloudDevices.Device, _ feed: AsyncStream<Event>.Continuation) async {
        do {
            try await client.connect(device, to: server.cloud, keepAlive: Self.keepAlive) { session in
                feed.yield(.opened)
                feed.yield(.failed("\(try await session.closed())"))
            }
        } catch is CancellationError {
            // Closed on purpose.
        } catch {
            feed.yield(.failed("\(error)"))
        }
    }
}
