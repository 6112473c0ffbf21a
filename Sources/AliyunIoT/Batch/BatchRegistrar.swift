import Provisioning

/// Performs a ``BatchRegistration`` against the cloud.
///
/// May be stopped at any moment and started again from the last checkpoint: nothing is created twice. Cloud trouble is
/// waited for within the time given. Usable from any task; run one batch of a product at a time, as the platform does.
public struct BatchRegistrar: Sendable {
    private let client: OpenAPIClient
    private let pollInterval: Duration
    private let pageSize: Int
    private let priority: RateLimiter.Priority

    /// - Parameters:
    ///   - pollInterval: between two looks at the cloud's progress.
    ///   - pageSize: 1 to 50 devices.
    public init(
        client: OpenAPIClient, pollInterval: Duration = .seconds(2), pageSize: Int = OpenAPIClient.devicesPerPage,
        priority: RateLimiter.Priority = .workflow
    ) {
        self.client = client
        self.pollInterval = pollInterval
        self.pageSize = min(max(pageSize, 1), OpenAPIClient.devicesPerPage)
        self.priority = priority
    }

    /// Splits a list into batches of at most `size` names, in order.
    ///
    /// - Parameter size: 1 to ``OpenAPIClient/namesPerCheck``; others are brought into that range.
    public static func chunks(of names: [String], size: Int = OpenAPIClient.namesPerCheck) -> [[String]] {
        let size = min(max(size, 1), OpenAPIClient.namesPerCheck)
        return stride(from: 0, to: names.count, by: size).map { Array(names[$0..<min($0 + size, names.count)]) }
    }

    /// Brings a batch to its end.
    ///
    /// - Parameters:
    ///   - within: over everything.
    ///   - save: stores where the batch stands; called before each action that follows a change. If it throws, nothing
    ///     more is done.
    ///   - progress: called after each step.
    /// - Throws: ``CloudError``; `.timeout` when `within` is over: resume later. `CancellationError`. What `save` throws.
    public func run(
        _ registration: BatchRegistration, within: Duration = .seconds(3600),
        isolation: isolated (any Actor)? = #isolation,
        save: (BatchCheckpoint) async throws -> Void = { _ in },
        progress: (BatchRegistration) -> Void = { _ in }
    ) async throws -> BatchReport {
        let end = ContinuousClock.now + within
        var batch = registration
        var saved: BatchCheckpoint?
        var unclear = 0
        var action = batch.start()
        while true {
            if case .finished(let report) = action { return report }
            if case .page = action {
            } else if batch.checkpoint != saved {
                saved = batch.checkpoint
                try await save(batch.checkpoint)
            }
            let event: BatchRegistration.Event
            do {
                guard ContinuousClock.now < end else { throw Self.late(batch, within) }
                event = try await perform(action, of: batch, until: end)
            } catch let error as CloudError where error.retry == .backOff && end - .now < .seconds(2) {
                // Whatever cut the last call short, what is over is the time given.
                throw Self.late(batch, within)
            }
            if case .applyUnclear = event {
                unclear += 1
                guard unclear <= Self.unclearStarts else {
                    throw CloudError(
                        .outage,
                        "The cloud left \(unclear) starts of ApplyId \(batch.applyID ?? 0) unanswered: resume it later."
                    )
                }
            }
            action = try batch.handle(event)
            progress(batch)
        }
    }

    private static func late(_ batch: BatchRegistration, _ within: Duration) -> CloudError {
        CloudError(.timeout, "The batch with ApplyId \(batch.applyID ?? 0) did not end within \(within): resume it.")
    }

    /// Spelled so by the platform.
    private static let incorrectApply = "iot.device.IncorrentDeviceApplyInfo"

    /// Starts of one creation without a clear answer before a person is asked.
    private static let unclearStarts = 20

    private func perform(
        _ action: BatchRegistration.Action, of batch: BatchRegistration, until end: ContinuousClock.Instant
    ) async throws -> BatchRegistration.Event {
        let key = batch.productKey
        switch action {
        case .check(let names):
            let check = try await client.batchCheckDeviceNames(
                productKey: key, deviceNames: names, priority: priority, within: time(until: end))
            return .checked(check)
        case .poll(let applyID):
            try await Task.sleep(for: min(pollInterval, end - .now))
            do {
                let status = try await client.batchRegisterStatus(
                    productKey: key, applyID: applyID, priority: priority, within: time(until: end))
                return .polled(status)
            } catch let error as CloudError where error.code == .notFound {
                return .forgotten
            }
        case .apply(let applyID):
            do {
                return .applied(
                    try await client.batchRegisterDevices(
                        productKey: key, applyID: applyID, priority: priority, within: time(until: end)))
            } catch let error as CloudError where Self.isUnclear(error) {
                return .applyUnclear
            }
        case .page(let applyID, let number, let sweep):
            if number == 1, sweep > 1 { try await Task.sleep(for: pollInterval) }
            do {
                return .paged(
                    try await client.batchPage(
                        applyID: applyID, page: number, pageSize: pageSize, priority: priority,
                        within: time(until: end)))
            } catch let error as CloudError
                where batch.createFailed && (error.code == .notFound || error.remoteCode == Self.incorrectApply)
            {
                // A creation that failed may have no list: nothing was created.
                return .paged(BatchPage(devices: [], number: number, pageCount: 0, total: 0))
            }
        case .finished:
            return .applyUnclear
        }
    }

    /// Whether the creation may be going on although its start was not confirmed: then the batch is looked at.
    private static func isUnclear(_ error: CloudError) -> Bool {
        switch error.remoteCode {
        case "iot.device.CreateDeviceTaskIsRunning", incorrectApply: true
        case nil: !error.hadNoEffect
        default: error.code == .timeout || error.code == .outage
        }
    }

    private func time(until end: ContinuousClock.Instant) -> Duration { min(end - .now, .seconds(120)) }
}
