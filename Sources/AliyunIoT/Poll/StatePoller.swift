import Locking
import Provisioning

/// What the cloud says about one device, asked after the question was put.
public enum PolledState: Sendable, Equatable {
    case listed(ListedState)
    /// The cloud does not list the name.
    case absent
}

/// One poller for all slots: gathers the names that wait and asks for up to 50 of them in one call
/// (BatchGetDeviceState).
///
/// A call is made at a time; names that arrive meanwhile go together into the next one, so the more slots wait, the
/// fewer calls a slot costs. An answer serves only those who asked before its call was made. ``run()`` belongs to one
/// task; ``state(of:productKey:)`` may be called from any.
public final class StatePoller: Sendable {
    private let client: OpenAPIClient
    private let within: Duration
    private let limit: Int
    private let desk = Locked(StateQueue())
    private let bell: AsyncStream<Void>
    private let ring: AsyncStream<Void>.Continuation

    /// - Parameters:
    ///   - within: for one call with its attempts and the wait for the station's share.
    ///   - limit: callers that may wait at once.
    public init(client: OpenAPIClient, within: Duration = .seconds(30), limit: Int = 1000) {
        self.client = client
        self.within = within
        self.limit = limit
        (bell, ring) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Serves callers until cancelled; then all who wait, and all who come later, get an error.
    public func run() async {
        for await _ in bell {
            while !Task.isCancelled, let batch = desk.withLock({ $0.take(OpenAPIClient.namesPerState) }) {
                await serve(batch)
            }
        }
        let waiting = desk.withLock { $0.end() }
        for caller in waiting { caller.resume(throwing: Self.stopped) }
    }

    /// The state of one device, as it is after this call was made.
    ///
    /// - Throws: ``CloudError``: what the call with this name met; `.throttled` if too many wait; `.timeout` if the poller
    ///   has stopped. `CancellationError`.
    public func state(of deviceName: String, productKey: String) async throws -> PolledState {
        let name = StateQueue.Name(productKey: productKey, deviceName: deviceName)
        let id = desk.withLock { $0.nextID() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { caller in
                let refusal = desk.withLock { desk -> (any Error)? in
                    // The flag is set before the cancellation handler runs, and that one needs the lock: no gap.
                    if Task.isCancelled { return CancellationError() }
                    if desk.hasEnded { return Self.stopped }
                    guard desk.count < limit else {
                        return CloudError(
                            .throttled, "\(desk.count) callers wait for a device's state already, at most \(limit) may."
                        )
                    }
                    desk.add(caller, id: id, for: name)
                    return nil
                }
                if let refusal { caller.resume(throwing: refusal) } else { ring.yield() }
            }
        } onCancel: {
            desk.withLock { $0.remove(id) }?.resume(throwing: CancellationError())
        }
    }

    private func serve(_ batch: StateQueue.Batch) async {
        let results = await ask(batch.productKey, batch.deviceNames)
        for (name, result) in results {
            let name = StateQueue.Name(productKey: batch.productKey, deviceName: name)
            for caller in desk.withLock({ $0.finish(name) }) { caller.resume(with: result) }
        }
    }

    /// One result for each name. Where one unknown name fails the whole call, halves are asked for by themselves.
    private func ask(_ productKey: String, _ names: [String]) async -> [(String, Result<PolledState, any Error>)] {
        do {
            let listed = try await client.batchGetDeviceState(
                productKey: productKey, deviceNames: names, priority: .running, within: within)
            let states = Dictionary(listed.map { ($0.deviceName, $0) }) { first, _ in first }
            return names.map { ($0, .success(states[$0].map { .listed($0) } ?? .absent)) }
        } catch let error as CloudError where error.remoteCode == "iot.device.NotExistedDevice" {
            guard names.count > 1 else { return names.map { ($0, .success(.absent)) } }
            let middle = names.count / 2
            let first = await ask(productKey, Array(names[..<middle]))
            return first + (await ask(productKey, Array(names[middle...])))
        } catch {
            let failure: any Error = error is CancellationError ? Self.stopped : error
            return names.map { ($0, .failure(failure)) }
        }
    }

    private static let stopped = CloudError(.timeout, "The state poller stopped before the cloud's answer.")
}
