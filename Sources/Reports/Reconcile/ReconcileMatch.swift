public import Journal
public import Provisioning

/// One name with what journal, cloud and packing list say of it, and every class that fits.
public struct ReconcileMatch: Sendable {
    public let journal: JournalName?
    public let cloud: CloudName?
    /// More of the cloud's devices whose names differ from this one's by case alone.
    public let twins: [CloudName]
    public let packed: PackedName?
    public let classes: ReconcileClasses

    public init(
        journal: JournalName?, cloud: CloudName?, twins: [CloudName] = [], packed: PackedName? = nil,
        classes: ReconcileClasses
    ) {
        (self.journal, self.cloud, self.twins) = (journal, cloud, twins)
        (self.packed, self.classes) = (packed, classes)
    }

    /// The name's class: the first that fits.
    public var first: ReconcileClass { classes.first ?? .ok }
    public var key: String { journal?.key ?? cloud?.key ?? packed?.key ?? "" }
    public var name: String { journal?.name ?? cloud?.name ?? packed?.name ?? "" }
    /// Whether the order's journal made the name.
    public var isOurs: Bool { journal.map { $0.unit != nil || $0.isListed } ?? false }

    /// The row as files, records and commands carry it.
    public func json(productKey: String, hasPackingList: Bool) -> JSONValue {
        let found = first
        let present = cloud.flatMap { $0.isAbsent ? nil : $0 }
        return [
            "device_name": .string(name), "identity": .init(journal?.identity), "unit": .init(journal?.unit),
            "order": .init(journal?.order), "class": .string(found.name),
            "notes": .array(classes.all.dropFirst().map { .string($0.name) }),
            "zh": .string(found.zh), "en": .string(found.en), "state": .init(journal?.state?.rawValue),
            "cloud": present.map { json($0) } ?? .null,
            "packed": hasPackingList ? .init(packed?.lines.count ?? 0) : .null,
            "owner": .string(found.owner.rawValue), "evidence": evidence,
            "action": action(productKey)?.json ?? .null, "open": .bool(found.isOpen),
        ]
    }

    /// What is to be done about it; nil = nothing.
    public func action(_ productKey: String) -> ReconcileAction? {
        ReconcileAction.Key.key(for: first, self).map { ReconcileAction($0, productKey: productKey) }
    }

    private var evidence: JSONValue {
        let clash: JSONValue =
            switch journal?.clash {
            case .name: "name"
            case .board: "board"
            case nil: .null
            }
        return [
            "journal_iot_id": .init(journal?.iotID), "journal_client_id": .init(journal?.clientID),
            "loose_boots": .init(journal?.looseBoots), "listed": .bool(journal?.isListed ?? false),
            "baseline": .bool(journal?.isBaseline ?? false), "flashed": .bool(journal?.isFlashed ?? false),
            "reset": .bool(journal?.isReset ?? false), "running": .bool(journal?.isRunning ?? false),
            "decided": .bool(journal?.isDecided ?? false), "clash": clash,
            "looked_at": Self.time(journal?.lookedAt), "proved_activated_at": Self.time(journal?.activatedAt),
            "secret": secret, "twins": .array(twins.map { .string($0.name) }),
            "packed_lines": .array((packed?.lines ?? []).map { .init($0) }),
        ]
    }

    /// Whether the cloud's DeviceSecret is the one of the pass, by its keyed digest: `same`, `changed`, or null.
    private var secret: JSONValue {
        guard let before = journal?.secretDigest, let now = cloud?.secretDigest else { return .null }
        return before == now ? "same" : "changed"
    }

    private func json(_ cloud: CloudName) -> JSONValue {
        [
            "device_name": .string(cloud.name), "iot_id": .string(cloud.iotID), "state": .init(cloud.state?.rawValue),
            "created_at": Self.time(cloud.createdAt), "activated_at": Self.time(cloud.activatedAt),
            "client_ids": cloud.clientIDs.map { .array($0.map(JSONValue.string)) } ?? .null,
        ]
    }

    static func time(_ milliseconds: Int64?) -> JSONValue { .init(milliseconds.map { UTCTime.text($0) }) }
}
