import AliyunIoT
import CutPoint
import Foundation
public import Journal
import Locking
public import Provisioning
public import Reports

/// Reconciles an order: pages the cloud's devices into a spool, asks for the records of single devices where a class
/// depends on them, joins them with the journal's names and the packing list, and records the result.
///
/// ```
///  QueryDevice, page by page ─► spool ─┐
///  journal's names ────────────────────┼─► Reconciliation ─► rows ─► DATA/reconcile/N.jsonl, reconcile.concluded
///  packing list ───────────────────────┘         │
///                 ▲                              └─ open or unclear: the device's own record is asked for ─┐
///                 └────────────────────────────────────────────────────────────────────────────────────────┘
/// ```
///
/// It works in slices: ``advance(order:packed:for:)`` goes on where the last one stood, also after a crash, and
/// ``run(order:packed:progress:)`` calls it until it is concluded. It asks with the lowest priority. One reconciliation of a product at a
/// time. The cloud is only read.
public struct ReconcileDesk: Sendable {
    let journal: Journal
    let desk: CloudDesk
    let profiles: [String: BoardProfile]
    let actor: String
    let files: ReconcileFiles

    /// Products that are being reconciled; a data folder has one process that may.
    private static let busy = Locked<Set<String>>([])
    /// A listing older than this is read anew, in seconds.
    private static let oldest = 24 * 3600.0
    /// A whole listing of which nothing was asked yet is read anew when it is older than this, in seconds.
    private static let freshest = 600.0
    /// How often units that change meanwhile are asked for again.
    private static let mostAgain = 4

    public init(journal: Journal, desk: CloudDesk, profiles: [String: BoardProfile], actor: String) {
        (self.journal, self.desk, self.profiles, self.actor) = (journal, desk, profiles, actor)
        files = ReconcileFiles(dataFolder: journal.folder)
    }

    /// Reconciles the order to the end.
    /// - Parameters:
    ///   - packed: the text of a packing list; nil = there is none.
    ///   - progress: told how far it has come, every few seconds.
    /// - Returns: what was found; its rows are in ``Reports/ReconcileFiles``.
    /// - Throws: ``StationCommand/CommandError``, ``JournalError``; ``CloudError`` after ten minutes without an answer of the
    ///   cloud: then it goes on where it stood when it is asked for again.
    public func run(
        order: String, packed: String? = nil, progress: @Sendable (ReconcileProgress) -> Void = { _ in }
    ) async throws -> ReconcileResult {
        var troubles = 0
        while true {
            let now = try await advance(order: order, packed: packed, for: .seconds(5))
            progress(now)
            switch now {
            case .concluded(let result): return result
            case .reading, .asking: troubles = 0
            case .waiting(let trouble):
                troubles += 1
                guard troubles < 20 else {
                    throw StationCommand.CommandError(
                        description: "the cloud could not be read: \(trouble). Ask again: it goes on where it stood")
                }
                try await Task.sleep(for: .seconds(2))
            }
        }
    }

    /// Goes on with the order's reconciliation, or begins one, for about that long.
    /// - Throws: ``StationCommand/CommandError`` for an order that is not there, a packing list with problems, or while
    ///   another one of the product is under way; ``JournalError``.
    public func advance(
        order id: String, packed: String? = nil, for slice: Duration = .seconds(20)
    ) async throws -> ReconcileProgress {
        guard let order = try await journal.order(id) else {
            throw StationCommand.CommandError(
                description: "there is no order \(id); `station order list` shows them")
        }
        let list = try packed.map { try packingList($0, order) }
        let place = journal.folder + "/" + order.productKey
        guard Self.busy.withLock({ $0.insert(place).inserted }) else {
            throw StationCommand.CommandError(
                description: "a reconciliation of product \(order.productKey) is under way; wait for its end",
                zh: "产品 \(order.productKey) 正在对账：等它做完")
        }
        defer { Self.busy.withLock { _ = $0.remove(place) } }
        try files.prepare()
        let end = ContinuousClock.now + slice
        do {
            try await settleNameIntents()
            let spool = try CloudSpool(path: files.spool(productKey: order.productKey))
            if let progress = try await read(order, spool, until: end) { return progress }
            return try await conclude(order, spool, list, packed, until: end)
        } catch let error as CloudError {
            return .waiting("\(error)")
        }
    }

    /// - Throws: ``StationCommand/CommandError`` with every problem of the list.
    private func packingList(_ text: String, _ order: WorkOrder) throws -> PackedList {
        do { return try PackedList(text: text, rule: profiles[order.profile]?.deviceName) } catch {
            throw StationCommand.CommandError(
                description: "the packing list was not taken: \(error)", zh: "装箱清单有问题，没有采用：\(error)")
        }
    }

    // MARK: - The listing

    /// - Returns: nil once all is read.
    private func read(
        _ order: WorkOrder, _ spool: CloudSpool, until end: ContinuousClock.Instant
    ) async throws -> ReconcileProgress? {
        var reading = try await spool.reading()
        var isUsable = false
        if let reading { isUsable = try await !isStale(reading, spool) }
        if !isUsable {
            try await begin(order, spool)
            reading = try await spool.reading()
        }
        guard let reading else { return nil }
        var next = reading.next.flatMap(DevicePlace.init)
        while let place = next {
            let listing: DeviceListing
            do {
                listing = try await desk.api.listDevices(
                    productKey: order.productKey, from: place, withDigests: true)
            } catch let error as CloudError where error.code == .input {
                // The cloud does not know its own token any more.
                try await begin(order, spool)
                next = .page(1)
                continue
            }
            guard listing.next != place else {
                throw StationCommand.CommandError(
                    description: "QueryDevice gave the same place twice: the listing has no end")
            }
            CutPoint.reach("reconcile.page")
            try await spool.take(
                listing.devices.map { CloudName($0) }, next: listing.next?.description, at: Timestamp.text(Date()))
            CutPoint.reach("reconcile.paged")
            next = listing.next
            if next != nil, .now >= end {
                let now = try await spool.reading()
                return .reading(devices: now?.devices ?? 0, total: now?.total)
            }
        }
        return nil
    }

    private func begin(_ order: WorkOrder, _ spool: CloudSpool) async throws {
        let total = try await desk.api.queryDeviceStatistics(productKey: order.productKey).deviceCount
        try await spool.begin(at: Timestamp.text(Date()), next: DevicePlace.page(1).description, total: total)
    }

    /// Whether a listing cannot be gone on with: it was used, is more than a day old, or was left lying when it was whole.
    private func isStale(_ reading: CloudSpool.Reading, _ spool: CloudSpool) async throws -> Bool {
        if reading.isUsed || age(reading.began) > Self.oldest { return true }
        guard reading.next == nil, try await spool.questions() == 0 else { return false }
        return age(reading.read ?? reading.began) > Self.freshest
    }

    /// In seconds; a clock that was moved makes it old.
    private func age(_ time: String) -> Double {
        guard let then = UTCTime.milliseconds(time) else { return .infinity }
        return abs(Date().timeIntervalSince1970 - Double(then) / 1000)
    }

    // MARK: - Questions and rows

    private func conclude(
        _ order: WorkOrder, _ spool: CloudSpool, _ list: PackedList?, _ packed: String?,
        until end: ContinuousClock.Instant
    ) async throws -> ReconcileProgress {
        let join = ReconcileJoin(order: order, journal: journal, spool: spool, list: list)
        var again = 0
        while true {
            if let left = try await ask(order, spool, until: end) { return .asking(left: left) }
            let found = try await join.perform(files, packed: packed, takesUnclear: again >= Self.mostAgain)
            switch found {
            case .unclear(let isNew):
                // Units that change all the time are asked for again a few times.
                again += isNew ? 0 : 1
            case .written(let result):
                try await journal.concludeReconciliation(
                    result.number, order: order.id, body: result.json, actor: actor)
                CutPoint.reach("reconcile.concluded")
                try await spool.markUsed()
                return .concluded(result)
            }
        }
    }

    /// Asks what is wanted.
    /// - Returns: how much is left when the time is over; nil when nothing is.
    private func ask(
        _ order: WorkOrder, _ spool: CloudSpool, until end: ContinuousClock.Instant
    ) async throws -> Int? {
        while true {
            let wanted = try await spool.wanted(.record, limit: OpenAPIClient.namesPerDetail)
            guard !wanted.isEmpty else { break }
            guard .now < end else { return try await spool.questions() }
            let head = try await journal.lastRow()?.seq ?? 0
            let found = try await records(order.productKey, wanted.map(\.name))
            CutPoint.reach("reconcile.asked")
            try await spool.answer(wanted, found, head: head)
        }
        while let wanted = try await spool.wanted(.clientIDs, limit: 1).first {
            guard .now < end else { return try await spool.questions() }
            let head = try await journal.lastRow()?.seq ?? 0
            let found: [String]
            do {
                found = try await desk.api.queryClientIDs(iotID: wanted.iotID, priority: .reconcile).map(\.clientID)
            } catch let error as CloudError where error.code == .notFound { found = [] }
            try await spool.answer(wanted, clientIDs: found, head: head)
        }
        return nil
    }

    /// The records of names that are there, a hundred in one call; one by one where the cloud refuses the hundred.
    private func records(_ product: String, _ names: [String]) async throws -> [CloudName] {
        do {
            return try await desk.api.batchQueryDeviceDetail(productKey: product, deviceNames: names).map {
                CloudName($0.reading, name: $0.deviceName)
            }
        } catch let error as CloudError where [.notFound, .input, .permission].contains(error.code) {
            var found: [CloudName] = []
            for name in names {
                let reading = try await desk.api.queryDeviceDetail(
                    productKey: product, deviceName: name, priority: .reconcile)
                if let reading { found.append(CloudName(reading, name: name)) }
            }
            return found
        }
    }
}

extension CloudName {
    /// A line of the listing.
    init(_ device: ListedDevice) {
        self.init(
            key: device.deviceName.lowercased(), name: device.deviceName, iotID: device.iotID,
            state: device.state.flatMap { State(rawValue: $0.rawValue) },
            createdAt: device.createdAt.flatMap(UTCTime.milliseconds), secretDigest: device.secretDigest)
    }

    /// A device's own record.
    init(_ reading: DeviceReading, name: String) {
        self.init(
            key: name.lowercased(), name: name, iotID: reading.iotID,
            state: reading.state.flatMap { State(rawValue: $0.rawValue) },
            createdAt: reading.createdAt.flatMap(UTCTime.milliseconds),
            activatedAt: reading.activatedAt.flatMap(UTCTime.milliseconds), secretDigest: reading.secretDigest)
    }
}
