public import Foundation
public import Provisioning

/// The report of a batch, a shift or the station: its figures, whose they are, and the place in the journal they were cut at.
///
/// Every figure can be computed again from the exported journal: from the records up to the cut, by the definitions that are
/// printed on it.
public struct Report: Sendable {
    public enum Kind: String, Sendable, CaseIterable { case batch, shift, station }

    public let kind: Kind
    /// The station's id; nil = the journal does not tell.
    public let station: String?
    /// The last record that counts.
    public let cut: Cut
    public let madeAt: Date
    public let order: WorkOrder?
    public let shift: ReportShift?
    /// The range of a station's report in milliseconds since 1970; nil = without bound.
    public let from, until: Int64?
    public let figures: Figures
    /// DeviceNames of the units under adjustments, by number.
    public let names: [Int64: String]
    /// In which times of day are shown; nil = UTC.
    public let zone: TimeZone?

    /// A place on the journal's chain.
    public struct Cut: Hashable, Sendable {
        public let seq: Int64
        /// 64 hexadecimal digits; empty where the journal is empty.
        public let hash: String

        public init(seq: Int64, hash: String) { (self.seq, self.hash) = (seq, hash) }
    }

    public init(
        kind: Kind, station: String?, cut: Cut, madeAt: Date, order: WorkOrder? = nil, shift: ReportShift? = nil,
        from: Int64? = nil, until: Int64? = nil, figures: Figures, names: [Int64: String] = [:], zone: TimeZone? = nil
    ) {
        (self.kind, self.station, self.cut, self.madeAt) = (kind, station, cut, madeAt)
        (self.order, self.shift, self.from, self.until) = (order, shift, from, until)
        (self.figures, self.names, self.zone) = (figures, names, zone)
    }

    /// Whose report it is: the order's id, the shift's, or the station's.
    public var title: String {
        switch kind {
        case .batch: order?.id ?? ""
        case .shift: shift?.id ?? ""
        case .station: station ?? ""
        }
    }

    /// The report as one object; every key is there.
    public var json: JSONValue {
        var members = figures.json(names: names)
        members["report"] = .string(kind.rawValue)
        members["title"] = .string(title)
        members["station"] = .init(station)
        members["cut"] = ["seq": .int(cut.seq), "hash": .string(cut.hash)]
        members["made_at"] = .string(UTCTime.text(Int64(madeAt.timeIntervalSince1970 * 1000)))
        members["order"] = order?.json ?? .null
        members["shift"] = shift?.json ?? .null
        members["from"] = .init(from.map(UTCTime.text))
        members["until"] = .init(until.map(UTCTime.text))
        return .object(members)
    }
}
