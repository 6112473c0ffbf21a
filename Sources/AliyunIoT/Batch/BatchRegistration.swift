import Provisioning

/// Creating one chunk of known names in the cloud, as a state machine: it says what to do next, and is told what came
/// of it. Without I/O; ``BatchRegistrar`` performs it.
///
/// ```
/// check ─► checking ─► apply ─► creating ─► collect ─► done
///   ▲ names refused │    ▲ lost reply: poll, never repeat blindly
///   └───────────────┘
/// ```
/// A check with refused names fails as a whole, so they are taken out and the rest is checked again. At the end every
/// name asked for has an outcome: what was created is compared with the list, name by name.
public struct BatchRegistration: Sendable, Equatable {
    public enum Phase: String, Sendable, Codable, CaseIterable {
        /// Names are to be checked; nothing is known to the cloud.
        case check
        /// The cloud is checking.
        case checking
        /// The creation is to be started, or was started and its reply lost.
        case apply
        /// The cloud is creating.
        case creating
        /// What was created is being read.
        case collect
        case done
    }

    public enum Action: Sendable, Equatable {
        /// BatchCheckDeviceNames.
        case check(names: [String])
        /// Wait, then QueryBatchRegisterDeviceStatus.
        case poll(applyID: Int64)
        /// BatchRegisterDeviceWithApplyId.
        case apply(applyID: Int64)
        /// QueryPageByApplyId; before the first page of a later sweep wait.
        case page(applyID: Int64, number: Int, sweep: Int)
        case finished(BatchReport)
    }

    public enum Event: Sendable {
        case checked(BatchCheck)
        case polled(BatchStatus)
        /// The cloud does not know the ApplyId.
        case forgotten
        case applied(Int64)
        /// No reply to the start of the creation, or one that says a creation is running.
        case applyUnclear
        case paged(BatchPage)
    }

    private struct Line: Sendable, Equatable {
        let name: String
        var outcome: BatchReport.Outcome?
    }

    /// Readings of all pages while names are missing: a list may lag behind the status.
    static let sweeps = 3

    public let productKey: String
    public private(set) var phase = Phase.check
    /// The cloud's name for the batch, once it has one.
    public private(set) var applyID: Int64?
    /// Outcomes of the names as given, one a line; nil = still open.
    private var rows: [Line]
    /// Devices of the batch that were not asked for.
    private var strangers: [String] = []
    /// What the cloud has refused in checks, for the checkpoint.
    private var refused: [BatchCheckpoint.Refusal] = []
    private var lines: [String: Int] = [:]
    private var reasons: [String: String] = [:]
    /// The cloud reported CREATE_FAILED: what it created all the same is counted, nothing is waited for.
    private(set) var createFailed = false
    private var sweep = 1

    /// - Parameter names: at most ``OpenAPIClient/namesPerCheck``, in the order of the report. Those with a form the cloud
    ///   refuses, and those that occur again, also in other case, are settled at once and never sent.
    /// - Throws: ``CloudError`` with code `.input` for too many names.
    public init(productKey: String, names: [String]) throws(CloudError) {
        guard names.count <= OpenAPIClient.namesPerCheck else {
            throw CloudError(
                .input,
                "\(names.count) names in one batch; expected at most \(OpenAPIClient.namesPerCheck), since the cloud "
                    + "drops the others without a word.")
        }
        self.productKey = productKey
        var folded: Set<String> = []
        rows = []
        for (line, name) in names.enumerated() {
            do throws(IdentityError) {
                let isFirst = folded.insert(try DeviceName(name).folded).inserted
                rows.append(Line(name: name, outcome: isFirst ? nil : .repeated))
                if isFirst { lines[name] = line }
            } catch {
                rows.append(
                    Line(name: name, outcome: .invalid(reason: "expected 4 to 32 letters, digits and - _ @ . :")))
            }
        }
        if open.isEmpty { phase = .done }
    }

    /// Goes on where `checkpoint` was taken.
    ///
    /// - Parameter names: the list it was taken of, in the same order.
    /// - Throws: ``CloudError`` with code `.input` for another list.
    public init(names: [String], resuming checkpoint: BatchCheckpoint) throws(CloudError) {
        try self.init(productKey: checkpoint.productKey, names: names)
        guard checkpoint.nameCount == names.count, checkpoint.namesDigest == Self.digest(of: names) else {
            throw CloudError(
                .input,
                "The list of \(names.count) names is not the one of \(checkpoint.nameCount) names that ApplyId "
                    + "\(checkpoint.applyID ?? 0) was given for.")
        }
        for refusal in checkpoint.refused {
            settle(refusal.name, refusal.reason.map { .invalid(reason: $0) } ?? .repeated)
        }
        applyID = checkpoint.applyID
        // What was created is not in the checkpoint: it is read again.
        phase = open.isEmpty ? .done : checkpoint.phase == .done ? .collect : checkpoint.phase
    }

    /// Where the batch stands: store it before the next action is performed. What was found while collecting is not in
    /// it: it is read anew.
    public var checkpoint: BatchCheckpoint {
        BatchCheckpoint(
            productKey: productKey, phase: phase, applyID: applyID, nameCount: rows.count,
            namesDigest: Self.digest(of: rows.map(\.name)), refused: refused)
    }

    static func digest(of names: [String]) -> String {
        ACS3Signature.digest(of: names.map { $0 + "\n" }.joined().utf8)
    }

    /// Names without an outcome, in order.
    public var open: [String] { rows.filter { $0.outcome == nil }.map(\.name) }

    /// What to do first, also after a restart: what may have had an effect is looked at before anything is done again.
    public func start() -> Action {
        if open.isEmpty { return .finished(report) }
        guard phase != .check, let applyID else { return .check(names: open) }
        return .poll(applyID: applyID)
    }

    /// Takes in what came of the last action.
    ///
    /// - Throws: ``CloudError`` with code `.unexpected` for an answer that would make the batch go in circles, `.notFound`
    ///   for an ApplyId forgotten after the creation was started.
    public mutating func handle(_ event: Event) throws(CloudError) -> Action {
        switch event {
        case .checked(let check): return try checked(check)
        case .polled(let status): return try polled(status)
        case .forgotten:
            guard phase == .check || phase == .checking else {
                throw CloudError(
                    .notFound,
                    "The cloud no longer knows ApplyId \(applyID ?? 0); look which of the \(open.count) names exist.")
            }
            return checkAgain()
        case .applied(let id):
            guard id == applyID else {
                throw CloudError(
                    .unexpected, "The creation of ApplyId \(applyID ?? 0) was answered with ApplyId \(id).")
            }
            phase = .creating
            return .poll(applyID: id)
        case .applyUnclear:
            return start()
        case .paged(let page): return paged(page)
        }
    }

    // MARK: - Checking

    private mutating func checked(_ check: BatchCheck) throws(CloudError) -> Action {
        let refused = check.invalid.map { ($0.deviceName, BatchReport.Outcome.invalid(reason: $0.reason)) }
        if try settle(refused + check.repeated.map { ($0, .repeated) }) { return checkAgain() }
        guard let applyID = check.applyID else {
            throw CloudError(
                .unexpected, "BatchCheckDeviceNames gave no ApplyId and refused no name.", requestID: check.requestID)
        }
        self.applyID = applyID
        phase = .checking
        return .poll(applyID: applyID)
    }

    private mutating func checkAgain() -> Action {
        applyID = nil
        phase = open.isEmpty ? .done : .check
        return start()
    }

    /// Settles refused names; false if none was named. Each settles at least one open name, so the batch ends.
    private mutating func settle(_ refused: [(String, BatchReport.Outcome)]) throws(CloudError) -> Bool {
        guard !refused.isEmpty else { return false }
        var settled = 0
        for (name, outcome) in refused where settle(name, outcome) { settled += 1 }
        guard settled > 0 else {
            throw CloudError(.unexpected, "The cloud refuses \(refused.count) names, none of which was asked for.")
        }
        return true
    }

    @discardableResult
    private mutating func settle(_ name: String, _ outcome: BatchReport.Outcome) -> Bool {
        guard let line = lines[name], rows[line].outcome == nil else { return false }
        rows[line].outcome = outcome
        if case .invalid(let reason) = outcome {
            refused.append(.init(name: name, reason: reason))
        } else {
            refused.append(.init(name: name, reason: nil))
        }
        return true
    }

    // MARK: - Creating

    private mutating func polled(_ status: BatchStatus) throws(CloudError) -> Action {
        guard let applyID else { return start() }
        switch status.phase {
        case .checkSuccess where phase == .checking || phase == .apply:
            phase = .apply
            return .apply(applyID: applyID)
        case .checkFailed:
            let refused = status.invalid.map { ($0.deviceName, BatchReport.Outcome.invalid(reason: $0.reason)) }
            guard try settle(refused) else {
                throw CloudError(
                    .unexpected, "The check of \(open.count) names failed and the cloud names none of them.",
                    requestID: status.requestID)
            }
            return checkAgain()
        case .create where phase == .checking || phase == .apply:
            phase = .creating
            return .poll(applyID: applyID)
        case .createSuccess, .createFailed:
            createFailed = status.phase == .createFailed
            for name in status.invalid { reasons[name.deviceName] = name.reason }
            phase = .collect
            return .page(applyID: applyID, number: 1, sweep: sweep)
        case .check, .checkSuccess, .create, nil:
            return .poll(applyID: applyID)
        }
    }

    // MARK: - Accounting

    private mutating func paged(_ page: BatchPage) -> Action {
        guard let applyID, phase == .collect else { return start() }
        for device in page.devices {
            if let line = lines[device.deviceName] {
                rows[line].outcome = .created(iotID: device.iotID)
            } else if !strangers.contains(device.deviceName) {
                strangers.append(device.deviceName)
            }
        }
        if page.number < page.pageCount, !page.devices.isEmpty {
            return .page(applyID: applyID, number: page.number + 1, sweep: sweep)
        }
        if !open.isEmpty, !createFailed, sweep < Self.sweeps {
            sweep += 1
            return .page(applyID: applyID, number: 1, sweep: sweep)
        }
        for line in rows.indices where rows[line].outcome == nil {
            rows[line].outcome = reasons[rows[line].name].map { .invalid(reason: $0) } ?? .missing
        }
        phase = .done
        return .finished(report)
    }

    /// How many names have an outcome: created, or refused for any reason.
    public var counts: (created: Int, refused: Int, open: Int) {
        rows.reduce(into: (0, 0, 0)) { counts, line in
            switch line.outcome {
            case .created: counts.0 += 1
            case .invalid, .repeated, .missing: counts.1 += 1
            case nil: counts.2 += 1
            }
        }
    }

    private var report: BatchReport {
        BatchReport(
            productKey: productKey, applyID: applyID,
            rows: rows.map { BatchReport.Row(name: $0.name, outcome: $0.outcome ?? .missing) }, strangers: strangers)
    }
}
