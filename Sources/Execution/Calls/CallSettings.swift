public import Provisioning

/// What the station tells others, and whom it asks: `[andon]`, `[mes]` and `[labels]` of its configuration.
public struct CallSettings: Sendable {
    public var andon: AndonSettings?
    public var mes: MESSettings?
    public var labels: LabelSettings?

    public init(andon: AndonSettings? = nil, mes: MESSettings? = nil, labels: LabelSettings? = nil) {
        (self.andon, self.mes, self.labels) = (andon, mes, labels)
    }
}

/// Where the states of slots and line are told.
public struct AndonSettings: Sendable {
    public enum Target: Hashable, Sendable {
        /// POST with JSON.
        case url(String)
        /// Program and arguments; `{station}`, `{scope}`, `{slot}`, `{word}`, `{code}` and `{call}` are filled in.
        case command([String])
    }

    public let target: Target
    /// Authorities to trust in place of the system's, a PEM file.
    public let caFile: String?
    /// How long one telling may take. Default 5 s.
    public let limit: Duration

    public init(_ target: Target, caFile: String? = nil, limit: Duration = .seconds(5)) {
        (self.target, self.caFile, self.limit) = (target, caFile, limit)
    }
}

/// Whom the station asks before a run, and tells after it.
public struct MESSettings: Sendable {
    /// What a MES that does not answer means.
    public enum Silence: String, Sendable, CaseIterable { case hold, go }

    /// Asked before each run; nil = nobody is.
    public let beforeRun: String?
    /// Told each outcome; nil = nobody is.
    public let afterRun: String?
    /// How long one call may take. Default 5 s.
    public let limit: Duration
    public let onSilence: Silence
    /// Authorities to trust in place of the system's, a PEM file.
    public let caFile: String?
    /// The key calls are signed with, unsealed for the moment of its use; nil when none is sealed.
    public let key: @Sendable () throws -> Secret?

    public init(
        beforeRun: String?, afterRun: String?, limit: Duration = .seconds(5), onSilence: Silence = .hold,
        caFile: String? = nil, key: @escaping @Sendable () throws -> Secret?
    ) {
        (self.beforeRun, self.afterRun, self.limit) = (beforeRun, afterRun, limit)
        (self.onSilence, self.caFile, self.key) = (onSilence, caFile, key)
    }

    /// What to do about a missing key.
    public static let advice = "seal the key that is shared with the MES: `station secret set mes/key`"
}

/// How labels are printed.
public struct LabelSettings: Sendable {
    public enum Printer: Hashable, Sendable {
        /// The label's bytes over one TCP connection, as printers take them on port 9100.
        case socket(host: String, port: Int)
        /// Program and arguments; the label's bytes are its standard input.
        case command([String])
    }

    public let printer: Printer
    public let template: LabelTemplate
    /// What stands in the label's barcode: the text that must be scanned back.
    public let scan: LabelTemplate
    /// How long a printed label may stay unscanned before the next slot prints. Default 300 s.
    public let scanLimit: Duration
    /// Whether boards that end as *done* get a label, too.
    public let labelsDone: Bool
    /// How long one transfer to the printer may take. Default 10 s.
    public let limit: Duration

    public init(
        printer: Printer, template: LabelTemplate, scan: LabelTemplate, scanLimit: Duration = .seconds(300),
        labelsDone: Bool = false, limit: Duration = .seconds(10)
    ) {
        (self.printer, self.template, self.scan) = (printer, template, scan)
        (self.scanLimit, self.labelsDone, self.limit) = (scanLimit, labelsDone, limit)
    }
}
