import AliyunIoT
import CutPoint
import Journal
import Provisioning

/// Watches over the open order: proves product, switch and ProductSecret before boards run, holds the order when the
/// probe refuses and lets it go on when the probe is right again.
///
/// The probe name is one reserved DeviceName a product, registered but never connected, outside quota and reports.
/// Diagnosis goes through it alone: a unit's own name is never registered to find something out.
actor OrderGate {
    /// The reserved DeviceName.
    static let probeName = CloudDesk.probeName

    private let settings: LineSettings
    private let journal: Journal
    private let desk: CloudDesk
    private let events: LineEvents
    private var checked: Set<String> = []
    /// Orders whose opening check found nothing.
    private var examined: Set<String> = []
    /// Products whose probe name is known to exist.
    private var probed: Set<String> = []
    /// When copies of this station are looked for at the products' probe names.
    private var rounds: CopyRounds
    private var lastCheck: [String: ContinuousClock.Instant] = [:]
    private var lastAnswer: [String: String] = [:]
    /// What the probe told last, of any order; nil before it was asked.
    private(set) var lastVerdict: Verdict?
    private let debt: OfflineDebt
    private var lastWeighed: [String: ContinuousClock.Instant] = [:]
    /// Since when each order has worked without a break.
    private var working: [String: ContinuousClock.Instant] = [:]

    init(settings: LineSettings, journal: Journal, desk: CloudDesk, events: LineEvents) {
        (self.settings, self.journal, self.desk, self.events) = (settings, journal, desk, events)
        rounds = CopyRounds(interval: settings.copyInterval, retry: settings.probeInterval)
        debt = OfflineDebt(journal: journal, events: events, actor: settings.actor, now: settings.wallClock)
    }

    /// Keeps the orders checked until the task is cancelled. Journal faults end it.
    func run() async throws {
        while !Task.isCancelled {
            for order in try await journal.orders() {
                // What is not open has to be proved again when it is opened.
                if order.state != .open, !order.waitsForDebt { checked.remove(order.id) }
                if !order.isWorking {
                    examined.remove(order.id)
                    working[order.id] = nil
                }
                guard order.isWorking else { continue }
                if working[order.id] == nil {
                    working[order.id] = .now
                    rounds.lookNow(order.productKey)
                }
                let isDue = lastCheck[order.id].map { .now - $0 >= settings.probeInterval } ?? true
                let isProved = checked.contains(order.id)
                if order.state == .open ? !isProved : isDue && !(order.waitsForDebt && isProved) {
                    try await check(order)
                } else if isProved {
                    // Where one is found, the next turn holds every order.
                    _ = try await copyAtWork(order.productKey)
                }
                try await weigh(order.id)
            }
            try? await Task.sleep(for: min(settings.probeInterval, .milliseconds(500)))
        }
    }

    /// Has product, switch and ProductSecret of every open order proved anew before its next board: a shift has begun.
    func probeAgain() {
        checked = []
        rounds.lookNow()
    }

    /// Since when an order has worked; nil where it does not, or that is not known yet.
    func workingSince(_ order: String) -> ContinuousClock.Instant? { working[order] }

    /// Looks at an order's offline debt, every two seconds at most.
    private func weigh(_ id: String) async throws {
        if let last = lastWeighed[id], .now - last < .seconds(2) { return }
        lastWeighed[id] = .now
        guard let order = try await journal.order(id), order.isWorking else { return }
        try await debt.weigh(order)
    }

    /// The orders bound to a profile that are open or held; a slot works for the one that works.
    func orders(profile: String) async throws -> [WorkOrder] {
        try await journal.orders().filter { $0.profile == profile && [.open, .held].contains($0.state) }
    }

    /// Waits until the order takes boards.
    /// - Returns: nil when it does; the failure to hold the board with when it still does not after `limit`.
    func admission(to id: String, limit: Duration, onWait: (String) async -> Void) async throws -> Failure? {
        let deadline = ContinuousClock.now + limit
        while true {
            guard let order = try await journal.order(id) else { return Failure(.orderHeld, "order \(id) is gone") }
            // What waits for its activation is let through to the claim, which refuses any other board.
            if order.state == .open || order.waitsForDebt, checked.contains(id) { return nil }
            let cause = order.holdCode.flatMap(FailureCode.init(known:)) ?? .orderHeld
            let waitable = order.state == .open || (order.state == .held && order.holdCode != nil)
            guard waitable, ContinuousClock.now < deadline else {
                return Failure(cause, "order \(id) is \(order.state.rawValue): \(cause.entry.en.happened)")
            }
            await onWait(order.state == .open ? "" : cause.entry.en.happened)
            do { try await Task.sleep(for: .milliseconds(200)) } catch {
                return Failure(.slotStopping, "the station is stopping")
            }
        }
    }

    /// Asks the probe now and holds or releases the order by its answer.
    @discardableResult
    func check(_ order: WorkOrder) async throws -> Verdict {
        let (verdict, text) = await ask(order)
        // An answer that a stop cut short says nothing, and an order that a person holds or closed is theirs.
        if Task.isCancelled || !order.isWorking { return verdict }
        lastCheck[order.id] = .now
        lastVerdict = verdict
        if lastAnswer[order.id] != text {
            lastAnswer[order.id] = text
            try await journal.append(
                kind: .probeAnswered, actor: settings.actor,
                body: ["order": .string(order.id), "product_key": .string(order.productKey), "answer": .string(text)])
            events.send(.notice("order \(order.id): probe: \(text)", zh: "工单 \(order.id) 探测：\(verdict.zh)"))
        }
        // A person may have changed the order while the cloud was asked: then it stays as they left it.
        if case .refused(let code) = verdict {
            checked.remove(order.id)
            try await change(order, to: .held, code, text)
        } else {
            checked.insert(order.id)
            if !order.waitsForDebt { try await change(order, to: .open, nil, text) }
        }
        return verdict
    }

    private func change(_ order: WorkOrder, to state: WorkOrder.State, _ code: FailureCode?, _ reason: String)
        async throws
    {
        guard order.state != state || order.holdCode != code?.text else { return }
        do {
            let changed = try await journal.changeOrder(
                order.id, expected: order, to: state, holdCode: code, reason: reason, actor: settings.actor)
            events.send(.order(changed))
        } catch let error as JournalError where error.code == .conflict {
            // A person was faster: the order is as they left it.
            events.send(.notice("order \(order.id): \(error)"))
        }
    }

    /// What the probe tells of an order.
    enum Verdict: Hashable, Sendable {
        /// Switch on, ProductSecret right.
        case ready
        /// This cloud does not offer the call that tells.
        case cannotTell
        case refused(FailureCode)

        /// For people, in Chinese.
        var zh: String {
            switch self {
            case .ready: "开关已开，ProductSecret 正确"
            case .cannotTell: "此云不提供探测，开关和密钥无法分辨"
            case .refused(let code): "\(code) \(code.entry.zh.happened)"
            }
        }
    }

    /// What the cloud says of product, credential and switch.
    private func ask(_ order: WorkOrder) async -> (Verdict, String) {
        do {
            if let hold = try await journal.productionHold() { return (.refused(hold.code), hold.sentence) }
        } catch { return (.refused(.journalBehind), "the journal could not be read: \(error)") }
        let secret: Secret
        do {
            guard let sealed = try desk.productSecret(order.productKey) else {
                return (.refused(.credentialMissing), "no ProductSecret sealed for \(order.productKey)")
            }
            secret = sealed
        } catch {
            return (.refused(.credentialMissing), "the vault: \(error)")
        }
        do {
            if !examined.contains(order.id) {
                let product = try await desk.api.queryProduct(productKey: order.productKey)
                let check = OpeningCheck(settings: settings, journal: journal, desk: desk)
                let refusal = try await check.examine(
                    order, product: product, notice: { [events] in events.send(.notice($0)) })
                if let refusal { return (.refused(refusal.code), refusal.detail) }
                examined.insert(order.id)
            }
            if !probed.contains(order.productKey) {
                try await makeProbeName(order.productKey)
                probed.insert(order.productKey)
            }
            if let copy = try await copyAtWork(order.productKey) { return (.refused(.stationCopied), copy) }
            CutPoint.reach("probe.before")
            let answer = await desk.probe.check(
                productKey: order.productKey, probeName: Self.probeName, productSecret: secret)
            CutPoint.reach("probe.after")
            switch answer {
            case .ready: return (.ready, "switch on, ProductSecret right")
            case .switchOff: return (.refused(.switchOff), "dynamic-registration switch off (6288)")
            case .wrongSecret: return (.refused(.productSecretWrong), "ProductSecret wrong (6600)")
            case .cannotTell(let reason): return (.cannotTell, reason)
            case .cloudTrouble(let error): return (.refused(.registerCloud), "the cloud: \(error)")
            case .noProduct: return (.refused(.productUnknown), "the cloud does not know product \(order.productKey)")
            case .alreadyActive:
                return (
                    .refused(.productSecretWrong),
                    "somebody has connected as \(Self.probeName): delete it in the console"
                )
            case .noProbe:
                probed.remove(order.productKey)
                return (.refused(.registerCloud), "the probe name was deleted; it is made again")
            case .failed(let error): return (.refused(.accessRefused), "\(error)")
            }
        } catch let error as CloudError {
            return (.refused(error.failure(waitingAs: .registerCloud)?.code ?? .registerCloud), error.description)
        } catch {
            return (.refused(.registerCloud), "the cloud was not asked to the end: \(error)")
        }
    }

    /// What the cloud tells of another copy of this station; nil where there is none, or nothing can be told.
    private func copyAtWork(_ productKey: String) async throws -> String? {
        guard let signer = desk.stationSigner, rounds.isDue(productKey, at: .now) else { return nil }
        let watch = CopyWatch(journal: journal, api: desk.api, signer: signer, actor: settings.actor)
        switch try await watch.look(productKey: productKey) {
        case .alone:
            rounds.note(productKey, tells: true, at: .now)
            return nil
        case .copied(let sentence):
            checked = []
            return sentence
        case .unknown(let why):
            rounds.note(productKey, tells: false, at: .now)
            events.send(
                .notice(
                    "copies of this station were not looked for at product \(productKey): \(why)",
                    zh: "未能检查产品 \(productKey) 是否另有本站的拷贝"))
            return nil
        }
    }

    private func makeProbeName(_ productKey: String) async throws {
        guard try await desk.api.queryDeviceDetail(productKey: productKey, deviceName: Self.probeName) == nil else {
            return
        }
        do {
            CutPoint.reach("probe-name.before")
            _ = try await desk.api.registerDevice(productKey: productKey, deviceName: Self.probeName)
            CutPoint.reach("probe-name.after")
        } catch let error as CloudError where error.code == .alreadyExists {
            return
        }
    }
}

extension CloudDesk {
    /// The reserved DeviceName of the probe; a legal name that no board identity can make.
    public static let probeName = "provisioning-station-probe"
}
