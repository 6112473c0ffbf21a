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

    /// Calls `body` for every name that concerns the order, by key; also where no class fits.
    /// - Parameter tellsAgreeing: whether also for names that agree, which are mostly all; they are counted anyway.
    /// - Returns: how many names of each class there are.
    /// - Complexity: one pass over each sequence; memory of two batches of each, the second being fetched while the first
    ///   one is joined.
    /// - Throws: ``OrderError`` where a sequence is not in the order of its keys; what a sequence or `body` throws.
    @discardableResult
    public func run<Journal: AsyncSequence, Cloud: AsyncSequence, Packed: AsyncSequence>(
        journal: Journal, cloud: Cloud, packed: Packed, tellsAgreeing: Bool = true,
        _ body: (ReconcileMatch) throws -> Void
    ) async throws -> [ReconcileClass: Int]
    where
        Journal.Element == [JournalName], Cloud.Element == [CloudName], Packed.Element == [PackedName],
        Journal.AsyncIterator: Sendable, Cloud.AsyncIterator: Sendable, Packed.AsyncIterator: Sendable
    {
        var (left, middle) = (Cursor<JournalName>("journal"), Cursor<CloudName>("cloud"))
        var right = Cursor<PackedName>("packing list")
        var (leftBatches, middleBatches) = (journal.makeAsyncIterator(), cloud.makeAsyncIterator())
        var rightBatches = packed.makeAsyncIterator()
        var counts = Array(repeating: 0, count: ReconcileClass.allCases.count)
        while true {
            let batches = (leftBatches, middleBatches, rightBatches)
            let wanted = (left.wantsMore, middle.wantsMore, right.wantsMore)
            async let leftNext = Self.pull(batches.0, wanted.0)
            async let middleNext = Self.pull(batches.1, wanted.1)
            async let rightNext = Self.pull(batches.2, wanted.2)
            while !left.isLow, !middle.isLow, !right.isLow {
                if left.isOver, middle.isOver, right.isOver {
                    return Dictionary(
                        uniqueKeysWithValues: zip(ReconcileClass.allCases, counts).filter { $1 > 0 })
                }
                if !tellsAgreeing, right.isOver, try agree(&left, &middle) {
                    counts[Int(ReconcileClass.ok.rawValue)] += 1
                } else if let match = try match(&left, &middle, &right) {
                    if !match.classes.isEmpty { counts[Int(match.first.rawValue)] += 1 }
                    if tellsAgreeing || match.first != .ok { try body(match) }
                }
            }
            (leftBatches, middleBatches, rightBatches) = (
                left.take(try await leftNext), middle.take(try await middleNext), right.take(try await rightNext)
            )
        }
    }

    /// The next batch where it is wanted, and the iterator that goes on behind it.
    private static func pull<Iterator: AsyncIteratorProtocol & Sendable, Element: Sendable>(
        _ iterator: Iterator, _ isWanted: Bool
    ) async throws -> Pulled<Iterator, Element> where Iterator.Element == [Element] {
        guard isWanted else { return Pulled(iterator: iterator, batch: [], hasEnded: false) }
        var iterator = iterator
        let batch = try await iterator.next()
        return Pulled(iterator: iterator, batch: batch ?? [], hasEnded: batch == nil)
    }

    /// Passes over a unit and its device that agree, the common case, without taking them out of their batches.
    /// - Returns: false where they do not, or it takes more to tell.
    private func agree(_ left: inout Cursor<JournalName>, _ middle: inout Cursor<CloudName>) throws -> Bool {
        guard left.hasFollowing, middle.hasFollowing else { return false }
        let isAgreed = left.withCurrent { journal, _ in
            middle.withCurrent { device, following in
                journal.key == device.key && following.key != device.key && rule.agree(journal, device)
            }
        }
        if isAgreed {
            try left.skip()
            try middle.skip()
        }
        return isAgreed
    }

    /// The name that comes first in any of the three; nil where it does not concern the order.
    private func match(
        _ left: inout Cursor<JournalName>, _ middle: inout Cursor<CloudName>, _ right: inout Cursor<PackedName>
    ) throws -> ReconcileMatch? {
        var key = left.key
        if let other = middle.key, key.map({ other < $0 }) ?? true { key = other }
        if let other = right.key, key.map({ other < $0 }) ?? true { key = other }
        guard let key else { return nil }
        let journal = left.key == key ? try left.pop() : nil
        var device = middle.key == key ? try middle.pop() : nil
        var twins: [CloudName] = []
        while middle.key == key, let twin = try middle.pop() { twins.append(twin) }
        if !twins.isEmpty { (device, twins) = Self.choose(device, twins, journal) }
        let packed = right.key == key ? try right.pop() : nil
        let classes = rule.judge(journal, device, twins: !twins.isEmpty, packed: packed?.lines.count ?? 0)
        return classes.map {
            ReconcileMatch(journal: journal, cloud: device, twins: twins, packed: packed, classes: $0)
        }
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

/// What pulling at a sequence gave.
private struct Pulled<Iterator: Sendable, Element: Sendable>: Sendable {
    let iterator: Iterator
    /// Empty where none was wanted, or the sequence gave an empty one.
    let batch: [Element]
    let hasEnded: Bool
}

/// A place in a sequence of batches: the present one, and the following one where the present one is nearly over.
private struct Cursor<Element: KeyedName & Sendable> {
    private let source: String
    private var batch: [Element] = []
    private var following: [Element] = []
    private var place = 0
    private var hasEnded = false

    init(_ source: String) { self.source = source }

    /// Whether there is room for a batch.
    var wantsMore: Bool { !hasEnded && following.isEmpty }
    /// Whether the next batch is needed: one name more than the present one shows that the present one is whole.
    var isLow: Bool { wantsMore && place + 1 >= batch.count }
    var isOver: Bool { hasEnded && following.isEmpty && place == batch.count }
    var key: String? { place < batch.count ? batch[place].key : nil }
    /// Whether the present batch holds one name more.
    var hasFollowing: Bool { place + 1 < batch.count }

    /// Takes what was pulled.
    /// - Returns: the iterator to pull at next.
    mutating func take<Iterator>(_ pulled: Pulled<Iterator, Element>) -> Iterator {
        hasEnded = hasEnded || pulled.hasEnded
        if !pulled.batch.isEmpty {
            if place < batch.count {
                following = pulled.batch
            } else if following.isEmpty {
                (batch, place) = (pulled.batch, 0)
            }
        }
        return pulled.iterator
    }

    mutating func pop() throws -> Element? {
        guard place < batch.count else { return nil }
        let element = batch[place]
        try advance(past: element.key)
        return element
    }

    /// The present name and the one after it, where ``hasFollowing``.
    func withCurrent<Result>(_ body: (borrowing Element, borrowing Element) -> Result) -> Result {
        batch.withUnsafeBufferPointer { body($0[place], $0[place + 1]) }
    }

    /// Leaves the present name, where ``hasFollowing``.
    mutating func skip() throws { try advance(past: batch[place].key) }

    private mutating func advance(past key: String) throws {
        place += 1
        if place == batch.count, !following.isEmpty {
            (batch, following, place) = (following, [], 0)
        }
        if let next = self.key, next < key {
            throw Reconciliation.OrderError(
                description: "the \(source)'s names are not in their order: \(next) after \(key)")
        }
    }
}
