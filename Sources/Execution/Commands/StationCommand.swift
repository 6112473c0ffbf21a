import AliyunIoT
import Journal
public import Provisioning

/// A change that a person asks of the station. It enters like any other input: a running daemon takes it over its control
/// socket, without a daemon the command line performs it itself.
public enum StationCommand: Codable, Sendable {
    /// Copies the profile's images from a folder and records them as a release.
    case addRelease(folder: String, profile: String, version: String, deviceSDK: String?, ship: [String: String] = [:])
    case orders(OrderRequest)
    case shift(ShiftRequest)
    case createOrder(OrderDraft)
    /// Opens or holds an order.
    case changeOrder(id: String, state: String, leavingUnsettled: Bool, reason: String)
    /// A leader has looked at the order's first article and found it right.
    case confirmFirstArticle(order: String, reason: String)
    /// The label of a board was scanned, at a slot or wherever.
    case scanLabel(text: String, slot: String?)
    /// Puts a unit on hold.
    case holdUnit(deviceName: String, reason: String)
    /// Lets a unit on hold run again.
    case releaseUnit(deviceName: String, reason: String)
    /// A workflow on one unit.
    case unit(deviceName: String, request: UnitRequest, reason: String, second: String?)
    /// The ClientIDs of a unit, as the cloud lists them.
    case listClientIDs(deviceName: String)
    /// Has the DeviceNames of identities that are known in advance created in the cloud; `csv` is the list's text.
    case preregister(order: String, csv: String)
    /// Records the names a product had before this station began; nil = those the cloud lists now.
    case importBaseline(productKey: String, names: [String]?, replaces: Bool, reason: String)
    case clearAlarm(id: Int64, reason: String)
    /// Closes a batch with an archive, which needs a reconciliation without open rows; `packed` is the text of a packing
    /// list. Answers within half a minute or so how far it is: give it again while it says `reconciling`.
    case closeBatch(order: String, packed: String?, reason: String)
    /// Ends a batch with open rows: two people, and a reason for each class that has any (`reason` where none is named).
    case terminateBatch(order: String, packed: String?, exceptions: [String: String], second: String, reason: String)
    /// A backup was written beside the running station.
    case noteBackup(file: String, seq: Int64, hash: String, sha256: String)
    /// Moves the texts of old runs into a file.
    case archiveRuns(before: String, file: String)
    /// The cloud's devices that a restored journal does not know.
    case listUnknown
    /// Lets production go on after a restore: devices by DeviceName and order, the order of all others, names explained.
    case settleRestore(taken: [String: String], rest: String?, explained: [String], reason: String)
    /// Goes on with the reconciliation of an order, or begins one; `packed` is the text of a packing list. Answers within
    /// half a minute how far it is: give it again until it says `concluded`.
    case reconcile(order: String, packed: String?)
    /// Does the one safe thing about one row of an order's last reconciliation, or about all rows of a class.
    case reconcileAct(ReconcileRequest)

    /// What an order is to be made of, as written.
    public struct OrderDraft: Codable, Sendable {
        public var productKey: String
        public var release: String
        public var profile: String
        public var quota: Int
        /// `pre-registered` or `no-preregistration`.
        public var mode: String
        /// `board`, `relay` or `sample=N`.
        public var activation: String
        /// `FROM/UNTIL` or nil.
        public var window: String?
        /// Whether each board's label is scanned at its slot.
        public var labelScan: Bool
        /// Whether one board must pass, and a leader confirm it, before every slot works.
        public var firstArticle: Bool
        /// Whether failures that repeat hold the order.
        public var stopOnRepetition: Bool
        /// An identity rule, or `list:` and identities; nil = any.
        public var allow: String?
        /// ``OrderLimits``, each nil where there is none.
        public var runLimit: Int?
        public var stepRetries: Int?
        public var offlineBoards: Int?
        public var offlineMinutes: Int?

        public init(
            productKey: String, release: String, profile: String, quota: Int,
            mode: String = RegistrationMode.preRegistered.rawValue, activation: String = "board", window: String? = nil,
            labelScan: Bool = false, firstArticle: Bool = true, stopOnRepetition: Bool = true, allow: String? = nil,
            runLimit: Int? = nil, stepRetries: Int? = nil, offlineBoards: Int? = nil, offlineMinutes: Int? = nil
        ) {
            (self.productKey, self.release, self.profile, self.quota) = (productKey, release, profile, quota)
            (self.mode, self.activation, self.window) = (mode, activation, window)
            (self.labelScan, self.firstArticle, self.stopOnRepetition) = (labelScan, firstArticle, stopOnRepetition)
            (self.allow, self.runLimit, self.stepRetries) = (allow, runLimit, stepRetries)
            (self.offlineBoards, self.offlineMinutes) = (offlineBoards, offlineMinutes)
        }
    }

    /// What is wrong with a command, as a sentence with both values.
    public struct CommandError: Error, Sendable, CustomStringConvertible {
        public let description: String
        /// The same in Chinese, for the page; nil = it is told in English.
        public let zh: String?

        public init(description: String, zh: String? = nil) { (self.description, self.zh) = (description, zh) }
    }

    /// Whether the cloud is asked while the command is carried out.
    public var needsCloud: Bool {
        switch self {
        case .unit, .listClientIDs, .reconcile, .reconcileAct, .closeBatch, .terminateBatch, .listUnknown,
            .settleRestore:
            true
        case .importBaseline(_, let names, _, _): names == nil
        case .orders, .shift: false
        case .addRelease, .createOrder, .changeOrder, .confirmFirstArticle, .scanLabel, .holdUnit, .releaseUnit,
            .preregister, .clearAlarm, .noteBackup, .archiveRuns:
            false
        }
    }

    /// Performs the command.
    /// - Parameter context: what the station has; its `desk` may be nil where ``needsCloud`` is false.
    /// - Returns: what was made or changed, as JSON.
    public func perform(_ context: CommandContext) async throws -> JSONValue {
        let (journal, profiles, actor) = (context.journal, context.profiles, context.actor)
        switch self {
        case .addRelease(let folder, let name, let version, let deviceSDK, let ship):
            if let deviceSDK, !Release.isDeviceSDK(deviceSDK) {
                throw CommandError(
                    description:
                        "device SDK \"\(deviceSDK)\": expected c-, python-, java-, android-, node- or other- and its "
                        + "version, such as c-4.2.0")
            }
            let profile = try Self.profile(name, profiles)
            let findings = try context.releases.check(from: folder, profile: profile, version: version)
            let release = try context.releases.add(
                from: folder, profile: profile, version: version, deviceSDK: deviceSDK, ship: ship)
            try await journal.addRelease(release, actor: actor)
            guard case .object(var members) = release.json else { return release.json }
            members["findings"] = .array(findings.map(\.json))
            return .object(members)
        case .createOrder(let draft):
            let (order, problems) = draft.read(profiles)
            guard let order else {
                throw CommandError(description: problems.map(\.description).joined(separator: "; "))
            }
            return try await journal.createOrder(order.terms, listed: order.listed, actor: actor).json
        case .orders(let request): return try await request.perform(context)
        case .shift(let request): return try await request.perform(context)
        case .changeOrder(let id, let text, let leavingUnsettled, let reason):
            guard let state = WorkOrder.State(rawValue: text), [.open, .held].contains(state) else {
                throw CommandError(
                    description: "state \"\(text)\": expected open or held; an order ends with its batch, "
                        + "`station batch close` or `station batch terminate`")
            }
            let changed = try await journal.changeOrder(
                id, to: state, leavingUnsettled: leavingUnsettled, reason: reason, actor: actor)
            context.line?.events.send(.order(changed))
            return changed.json
        case .confirmFirstArticle(let id, let reason):
            let confirmed = try await journal.recordFirstArticle(
                id, .confirmed, details: nil, reason: reason, actor: actor)
            context.line?.events.send(.order(confirmed))
            return confirmed.json
        case .scanLabel(let text, let slot):
            guard let line = context.line else {
                throw CommandError(description: "the station does not run: no slot waits for a label")
            }
            let printed = try await line.calls.labels?.confirm(slot: slot, text: text, actor: actor) ?? .notAsked
            if case .accepted(let slot) = printed { return ["slot": .string(slot), "result": "matched"] }
            switch line.labels.take(text, slot: slot, actor: actor) {
            case .matched(let slot): return ["slot": .string(slot), "result": "matched"]
            case .nobodyWaits where printed != .notAsked:
                let entry = FailureCode.labelOther.entry
                throw CommandError(description: "\(entry.code): \(entry.en.happened). \(entry.en.action).")
            case .mismatched:
                throw CommandError(
                    description: "this label does not belong to a board that waits for one: compare it again")
            case .nobodyWaits:
                throw CommandError(
                    description: slot.map { "slot \($0) does not wait for a label" } ?? "no slot waits for a label")
            }
        case .holdUnit(let deviceName, let reason):
            return try await journal.holdUnit(deviceName: deviceName, reason: reason, actor: actor).json
        case .releaseUnit(let deviceName, let reason):
            return try await journal.releaseUnit(deviceName: deviceName, reason: reason, actor: actor).json
        case .unit(let deviceName, let request, let reason, let second):
            let workflow = try await context.workflow(deviceName, reason: reason, second: second)
            return try await workflow.perform(request).json
        case .listClientIDs(let deviceName):
            let found = try await context.workflow(deviceName, reason: "", second: nil).clientIDs()
            return .array(
                found.map { ["client_id": .string($0.clientID), "created_at_ms": .init($0.createdAt)] })
        case .preregister(let id, let csv):
            guard let order = try await journal.order(id) else {
                throw CommandError(description: "there is no order \(id); `station order list` shows them")
            }
            let names: [String]
            do { names = try IdentityList(csv: csv, profile: try Self.profile(order.profile, profiles)).names } catch {
                throw CommandError(description: "the list was not taken: \(error)")
            }
            try await journal.listNames(
                order: id, digest: ReleaseStore.sha256(Array(names.joined(separator: "\n").utf8)),
                batches: BatchRegistrar.chunks(of: names), actor: actor)
            return ["order": .string(id), "names": .init(names.count)]
        case .importBaseline(let productKey, let names, let replaces, let reason):
            var known = names ?? []
            if names == nil {
                guard let api = context.desk?.api else { throw CommandError(description: "no cloud is configured") }
                for try await device in api.devices(productKey: productKey, priority: .workflow) {
                    known.append(device.deviceName)
                }
            }
            try await journal.importBaseline(
                productKey: productKey, names: known, replaces: replaces, reason: reason, actor: actor)
            return ["product_key": .string(productKey), "names": .init(known.count)]
        case .clearAlarm(let id, let reason):
            try await journal.clearAlarm(id, reason: reason, actor: actor)
            return ["alarm": .int(id)]
        case .closeBatch(let order, let packed, let reason):
            return try await BatchClosing(
                context: context, end: BatchEnd(order: order, reason: reason, packed: packed)
            ).perform()
        case .terminateBatch(let order, let packed, let exceptions, let second, let reason):
            return try await BatchClosing(
                context: context,
                end: BatchEnd(order: order, reason: reason, second: second, exceptions: exceptions, packed: packed)
            ).perform()
        case .noteBackup(let file, let seq, let hash, let sha256):
            try await journal.recordBackup(
                file: file, head: JournalHead(seq: seq, hash: hash), sha256: sha256, actor: actor)
            return ["file": .string(file)]
        case .archiveRuns(let before, let file):
            guard let archive = try await journal.archiveRuns(before: before, to: file, actor: actor) else {
                return ["file": nil, "records": 0, "first": nil, "last": nil, "sha256": nil]
            }
            return [
                "file": .string(archive.file), "records": .int(archive.records), "first": .int(archive.first),
                "last": .int(archive.last), "sha256": .string(archive.sha256),
            ]
        case .listUnknown:
            let (hold, devices) = try await RestoreDesk(context: context).list()
            return [
                "cause": .string(hold.cause.rawValue), "sentence": .string(hold.sentence),
                "devices": .array(devices.map(\.json)),
            ]
        case .settleRestore(let taken, let rest, let explained, let reason):
            return try await RestoreDesk(context: context).settle(
                taken: taken, rest: rest, explained: explained, reason: reason)
        case .reconcile(let order, let packed):
            return try await context.reconcileDesk().advance(order: order, packed: packed).json
        case .reconcileAct(let request): return try await request.perform(context)
        }
    }

    static func profile(_ name: String, _ profiles: [String: BoardProfile]) throws -> BoardProfile {
        guard let profile = profiles[name] else {
            throw CommandError(
                description:
                    "there is no board profile \"\(name)\"; known: \(profiles.keys.sorted().joined(separator: ", "))")
        }
        return profile
    }
}
