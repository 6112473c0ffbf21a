import Crypto
import Foundation
import Journal
import Provisioning
import Reports

/// One pass over an order's names: which are unclear and have to be asked for, and the rows as they are written.
struct ReconcileJoin {
    let order: WorkOrder
    let journal: Journal
    let spool: CloudSpool
    let list: PackedList?

    var rule: ReconcileRule {
        ReconcileRule(
            order: order.id, registration: order.registration, window: order.terms.window,
            hasPackingList: list != nil, probeName: CloudDesk.probeName)
    }

    /// What one pass came to.
    enum Outcome {
        /// More is to be asked of the cloud, noted in the spool; `isNew`: some of it for the first time.
        case unclear(isNew: Bool)
        case written(ReconcileResult)
    }

    /// Joins; the rows take their place where nothing is to be asked.
    /// - Parameter takesUnclear: also where units that were asked for have changed since.
    func perform(_ files: ReconcileFiles, packed: String?, takesUnclear: Bool) async throws -> Outcome {
        guard let reading = try await spool.reading() else { return .unclear(isNew: true) }
        let number = try await journal.nextReconciliation()
        let snapshot = try await journal.nameSnapshot()
        let (rows, cloud) = (try LineFile(path: files.rows(number)), try LineFile(path: files.cloud(number)))
        let questions = Questions(order)
        var counts: [ReconcileClass: Int] = [:]
        var hasDigests = false
        try await pass(snapshot) { match in
            questions.look(at: match)
            // What is to be asked first is not written.
            guard takesUnclear || questions.isEmpty else { return }
            if !match.classes.isEmpty {
                counts[match.first, default: 0] += 1
                try rows.write(match.json(productKey: order.productKey, hasPackingList: list != nil).text)
            }
            for device in (match.cloud.map { [$0] } ?? []) + match.twins {
                hasDigests = hasDigests || device.secretDigest != nil
                try cloud.write(device.json(whose: match).text)
            }
        }
        if questions.hasNew || (!takesUnclear && !questions.isEmpty) {
            for question in CloudSpool.Question.allCases {
                try await spool.want(questions.wanted[question] ?? [], question)
            }
            return .unclear(isNew: questions.hasNew)
        }
        if let packed {
            try DurableFile.replace(files.packed(number), with: Array(packed.utf8))
        }
        let keeps = try await snapshot.keepsSecret(productKey: order.productKey)
        return .written(
            ReconcileResult(
                number: number, order: order.id, head: snapshot.head, cloudBegan: reading.began,
                cloudRead: reading.read ?? reading.began,
                counts: Dictionary(uniqueKeysWithValues: counts.map { ($0.name, $1) }),
                open: counts.reduce(0) { $0 + ($1.key.isOpen ? $1.value : 0) }, devices: reading.devices,
                resetDetection: hasDigests && !keeps && order.registration == .preRegistered
                    ? .byDigest : .notDetectable,
                rowsSHA256: try rows.finish(), cloudSHA256: try cloud.finish(),
                packedSHA256: packed.map { ReleaseStore.sha256(Array($0.utf8)) }))
    }

    private func pass(_ snapshot: NameSnapshot, _ body: (ReconcileMatch) throws -> Void) async throws {
        try await Reconciliation(rule: rule).run(
            journal: snapshot.names(productKey: order.productKey), cloud: spool.devices,
            packed: PackedBatch(list), body)
    }
}

/// What is to be asked of the cloud, at most so much at a time that it stays small.
private final class Questions {
    private static let most = 20_000
    private let order: WorkOrder
    private(set) var wanted: [CloudSpool.Question: [CloudSpool.Wanted]] = [:]
    /// Whether something is asked for the first time.
    private(set) var hasNew = false

    var isEmpty: Bool { wanted.isEmpty }

    init(_ order: WorkOrder) { self.order = order }

    func look(at match: ReconcileMatch) {
        let cloud = match.cloud
        let changed = match.journal?.changed ?? 0
        func want(_ question: CloudSpool.Question, after asked: Int64?) {
            guard asked.map({ $0 < changed }) ?? true, wanted[question, default: []].count < Self.most else { return }
            if asked == nil { hasNew = true }
            wanted[question, default: []].append(
                CloudSpool.Wanted(
                    key: match.key, name: cloud?.name ?? match.name, iotID: cloud?.iotID ?? ""))
        }
        if needsRecord(match) { want(.record, after: cloud?.askedAt) }
        if needsClientIDs(match) { want(.clientIDs, after: cloud?.idsAskedAt) }
    }

    private func needsRecord(_ match: ReconcileMatch) -> Bool {
        if !match.classes.isDisjoint(with: .cloudBound) { return true }
        guard let journal = match.journal, journal.unit != nil, let cloud = match.cloud, !cloud.isAbsent else {
            return false
        }
        if cloud.state == .disable || cloud.state == nil { return true }
        // The activation time stands in the device's own record, or in the evidence of the pass.
        let isTimed = cloud.activatedAt != nil || journal.activatedAt != nil
        if cloud.isActive == true, !isTimed, order.terms.window != nil || journal.lookedAt != nil { return true }
        return journal.secretDigest != nil && cloud.secretDigest == nil
    }

    private func needsClientIDs(_ match: ReconcileMatch) -> Bool {
        guard order.registration == .noPreregistration, let state = match.journal?.state, let cloud = match.cloud,
            !cloud.isAbsent, !cloud.iotID.isEmpty
        else { return false }
        return state != .scrapped && state != .replaced
    }
}

/// The packing list as one batch; none where there is no list.
private struct PackedBatch: AsyncSequence, Sendable {
    typealias Element = [PackedName]
    typealias Failure = any Error

    private let names: [PackedName]

    init(_ list: PackedList?) { names = list?.names ?? [] }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(names: names) }

    struct AsyncIterator: AsyncIteratorProtocol, Sendable {
        var names: [PackedName]?

        mutating func next() async throws -> [PackedName]? {
            defer { names = nil }
            return names
        }
    }
}
