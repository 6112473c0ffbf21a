public import Journal

/// Lays the names of journal, cloud and packing list beside each other: a merge join over three sequences in the order of
/// their keys, of which no more than a batch each is in memory.
///
/// ```
///  journal names ─┐                        (each by folded name, byte by byte)
///  cloud devices ─┼─► one name after the other ─► ReconcileRule ─► match
///  packed names ──┘
/// ```
public struct Reconciliation: Sendable {
    public let rule: ReconcileRule

    public init(rule: ReconcileRule) { self.rule = rule }

    /// Why it cannot be done.
    public struct OrderError: Error, Sendable, CustomStringConvertible {
        public let description: String
    }

    /// Calls `body` for every name that concerns the order, by key.
    /// - Complexity: one pass over each sequence; memory of a batch of each.
    /// - Throws: ``OrderError`` where a sequence is not in the order of its keys; what a sequence or `body` throws.
    public func run<Journal: AsyncSequence, Cloud: AsyncSequence, Packed: AsyncSequence>(
        journal: Journal, cloud: Cloud, packed: Packed, _ body: (ReconcileMatch) throws -> Void
    ) async throws
    where Journal.Element == [JournalName], Cloud.Element == [CloudName], Packed.Element == [PackedName] {
        var (left, middle, right) = (
            Cursor<JournalName>("journal"), Cursor<CloudName>("cloud"), Cursor<PackedName>("packing list")
        )
        var (leftBatches, middleBatches) = (journal.makeAsyncIterator(), cloud.makeAsyncIterator())
        var rightBatches = packed.makeAsyncIterator()
        while true {
            // One name more than the present one shows that the present one is whole.
            while left.isLow { left.take(try await leftBatches.next()) }
            while middle.isLow { middle.take(try await middleBatches.next()) }
            while right.isLow { right.take(try await rightBatches.next()) }
            while !left.isLow, !middle.isLow, !right.isLow {
                if left.isOver, middle.isOver, right.isOver { return }
                try match(&left, &middle, &right, body)
            }
        }
    }

    /// The name that comes first in any of the three.
    private func match(
        _ left: inout Cursor<JournalName>, _ middle: inout Cursor<CloudName>, _ right: inout Cursor<PackedName>,
        _ body: (ReconcileMatch) throws -> Void
    ) throws {
        var key = left.key
        if let other = middle.key, key.map({ other < $0 }) ?? true { key = other }
        if let other = right.key, key.map({ other < $0 }) ?? true { key = other }
        guard let key else { return }
        let journal = left.key == key ? try left.pop() : nil
        var device = middle.key == key ? try middle.pop() : nil
        var twins: [CloudName] = []
        while middle.key == key, let twin = try middle.pop() { twins.append(twin) }
        if !twins.isEmpty { (device, twins) = Self.choose(device, twins, journal) }
        let packed = right.key == key ? try right.pop() : nil
        let classes = rule.judge(journal, device, twins: !twins.isEmpty, packed: packed?.lines.count ?? 0)
        guard let classes else { return }
        try body(
            ReconcileMatch(journal: journal, cloud: device, twins: twins, packed: packed, classes: classes))
    }

    /// Of devices whose names differ by case alone: the unit's own, else one that is active.
    private static func choose(
        _ first: CloudName?, _ twins: [CloudName], _ journal: JournalName?
    ) -> (CloudName?, [CloudName]) {
        var all = (first.map { [$0] } ?? []) + twins
        let present = all.filter { !$0.isAbsent }
        if !present.isEmpty { all = present }
        let own = all.firstIndex { $0.iotID == journal?.iotID } ?? all.firstIndex { $0.name == journal?.name }
        let chosen = all.remove(at: own ?? all.firstIndex { $0.isLive } ?? 0)
        return (chosen, all)
    }
}

/// What is ordered by a folded name.
protocol KeyedName {
    var key: String { get }
}

extension JournalName: KeyedName {}
extension CloudName: KeyedName {}
extension PackedName: KeyedName {}

/// A place in a sequence of batches.
private struct Cursor<Element: KeyedName> {
    private let source: String
    private var batch: [Element] = []
    private var place = 0
    private var hasEnded = false

    init(_ source: String) { self.source = source }

    /// Whether the next batch is needed.
    var isLow: Bool { !hasEnded && place + 1 >= batch.count }
    var isOver: Bool { hasEnded && place == batch.count }
    var key: String? { place < batch.count ? batch[place].key : nil }

    mutating func take(_ next: [Element]?) {
        guard let next else { return hasEnded = true }
        batch = place == batch.count ? next : Array(batch[place...]) + next
        place = 0
    }

    mutating func pop() throws -> Element? {
        guard place < batch.count else { return nil }
        let element = batch[place]
        place += 1
        if place < batch.count, batch[place].key < element.key {
            throw Reconciliation.OrderError(
                description: "the \(source)'s names are not in their order: \(batch[place].key) after \(element.key)")
        }
        return element
    }
}
