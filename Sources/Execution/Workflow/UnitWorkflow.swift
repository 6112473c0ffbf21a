import AliyunIoT
import CutPoint
import Journal
import Provisioning

/// A leader's workflow on one unit: journaled with reason, people and the state before and after, and safe to repeat after
/// a crash in its middle.
///
/// Destructive calls go by the IotId recorded, which is looked up just before: where the cloud has no such device any
/// more, or it already is as wanted, the call is not made. They go under the second AccessKey.
struct UnitWorkflow {
    let journal: Journal
    let desk: CloudDesk
    let unit: BoardUnit
    let order: WorkOrder
    let reason: String
    /// The second person, where one signed.
    let second: String?
    let actor: String

    /// How long the cloud's trouble is waited out; a command waits no longer.
    private static let limit = Duration.seconds(60)

    private var patience: Patience { Patience(limit: Self.limit, code: .registerCloud) { _ in } }

    /// Performs it.
    /// - Returns: the unit as it is now.
    /// - Throws: ``StationCommand/CommandError``, ``JournalError``; ``Failure`` of the cloud: then the workflow is
    ///   concluded with it and can be asked for again.
    func perform(_ asked: UnitRequest) async throws -> BoardUnit {
        let request = try normalised(asked)
        try check(request)
        let before = try await look()
        if request.needsCloud { try insistOnOwn(before) }
        let ticket = try await journal.beginWorkflow(
            request.kind, unit: unit, reason: reason, second: second, before: before?.json ?? .null, actor: actor)
        CutPoint.reach("workflow.begun")
        do {
            try await act(request, ticket, before)
            CutPoint.reach("workflow.done")
            let after = request.needsCloud ? try await look() : before
            guard
                let changed = try await journal.concludeWorkflow(
                    ticket, result: "done", outcome: outcome(of: request), after: after?.json ?? .null, actor: actor)
            else { throw JournalError(.notFound, "unit \(unit.id) is gone") }
            return changed
        } catch {
            if !(error is JournalError) {
                try await journal.concludeWorkflow(ticket, result: "\(error)", actor: actor)
            }
            throw error
        }
    }

    /// The unit's ClientIDs as the cloud lists them.
    func clientIDs() async throws -> [IssuedClientID] {
        guard let iotID = unit.iotID else { return [] }
        return try await patience.ask { try await desk.api.queryClientIDs(iotID: iotID, within: patience.oneCall) }
    }

    // MARK: - May it be done

    /// The other board's identity in the form in which identities are kept.
    private func normalised(_ request: UnitRequest) throws -> UnitRequest {
        guard case .replace(let text, let destroyed) = request else { return request }
        func refuse(_ sentence: String, _ zh: String) -> StationCommand.CommandError {
            StationCommand.CommandError(
                description: "replace of \(unit.deviceName): \(sentence)", zh: "替换 \(unit.deviceName)：\(zh)")
        }
        let other: Identity
        do { other = try Identity(kind: unit.identity.kind, value: text) } catch {
            throw refuse(error.description, "\"\(text)\" 不是 \(unit.identity.kind.rawValue)")
        }
        guard other != unit.identity else {
            throw refuse("\(other) is the unit's own identity", "\(other) 就是这块板自己的标识，扫接替的板子")
        }
        return .replace(identity: other.value, destroyed: destroyed)
    }

    private func check(_ request: UnitRequest) throws {
        func refuse(_ sentence: String, _ zh: String) -> StationCommand.CommandError {
            StationCommand.CommandError(
                description: "\(request.kind) of \(unit.deviceName): \(sentence)", zh: "\(unit.deviceName)：\(zh)")
        }
        if request.needsTwo {
            guard let second, !second.isEmpty else {
                throw refuse(
                    "two people sign that a board is destroyed; name the other one with --second", "板子销毁要两个人签字")
            }
            guard second != actor, "cli:" + second != actor else {
                throw refuse("\(second) is the same person twice", "签字的应是另一个人")
            }
        }
        switch request {
        case .reflash, .reset:
            guard unit.state.mayTakeWork else {
                throw refuse("it is \(unit.state.rawValue)", "这块板\(unit.state.zh)，不能再处理")
            }
            guard unit.uid.isIndependent || unit.tag != nil else {
                throw refuse(
                    "its UID comes from its identity (\(unit.uid.source.rawValue)) and it has no unit tag: nothing would "
                        + "prove that the same board is placed", "芯片号来自标识，也没有写过板签，放板时无法证明是同一块板")
            }
            if case .reflash = request, order.activation == .relay, order.registration == .preRegistered,
                unit.activity != .none
            {
                throw refuse(
                    "a relayed device that has been active registers again only after a reset: order that",
                    "代激活的设备已激活过，重置后才能再注册：改为重置")
            }
            if case .reset = request, order.registration == .preRegistered { try insistOnSecondKey(refuse) }
        case .scrap, .replace:
            guard unit.state != .scrapped, unit.state != .replaced else {
                throw refuse("it is \(unit.state.rawValue)", "这块板\(unit.state.zh)")
            }
        case .disable, .enable: break
        case .keepClientID, .clearClientIDs:
            guard order.registration == .noPreregistration else {
                throw refuse(
                    "product \(unit.productKey) is pre-registered and has no ClientIDs", "预注册的产品没有 ClientID")
            }
        }
        if request.needsCloud, unit.iotID != nil { try insistOnSecondKey(refuse) }
    }

    private func insistOnSecondKey(
        _ refuse: (_ sentence: String, _ zh: String) -> StationCommand.CommandError
    ) throws {
        if desk.workflowAPI == nil { throw refuse(noKey, noKeyZh) }
        if !desk.leaderIsSignedIn() { throw refuse(CloudDesk.noLeader, CloudDesk.noLeaderZh) }
    }

    private var noKeyZh: String { "没有第二把 AccessKey：叫工程师配置 workflow_access_key_id" }

    private var noKey: String {
        "there is no second AccessKey: set workflow_access_key_id in [cloud] and seal its secret with "
            + "`station secret set access-key/ID`"
    }

    // MARK: - The cloud

    private func look() async throws -> DeviceReading? {
        let address: DeviceAddress =
            unit.iotID.map { .iotID($0) } ?? .name(productKey: unit.productKey, deviceName: unit.deviceName.text)
        return try await patience.ask { try await desk.api.lookUpDevice(address, within: patience.oneCall).reading }
    }

    /// A device under the unit's name that the journal cannot call its own must not be touched.
    private func insistOnOwn(_ reading: DeviceReading?) throws {
        guard unit.iotID == nil, let reading else { return }
        throw StationCommand.CommandError(
            description:
                "the cloud has \(unit.deviceName) with IotId \(reading.iotID), and this journal recorded none: place "
                + "its board once, so that the run settles whose it is, or clear it up in the console",
            zh: "云端有 \(unit.deviceName)，但日志里没有它的 IotId：先放一次板，由运行确认，或在控制台处理")
    }

    private func act(_ request: UnitRequest, _ ticket: WorkflowTicket, _ before: DeviceReading?) async throws {
        guard let iotID = unit.iotID, before != nil, let api = desk.workflowAPI else { return }
        let patience = patience
        switch request {
        case .reflash, .reset: return
        case .scrap, .replace:
            if order.registration == .preRegistered {
                try await effect(.delete, iotID, ticket, isDone: { try await look() == nil }) {
                    _ = try await api.deleteDevice(iotID: iotID, within: patience.oneCall)
                }
            } else {
                // Deleted, the name would come into being again by the board's next registration.
                try await disable(iotID, ticket, api)
            }
        case .disable: try await disable(iotID, ticket, api)
        case .enable:
            try await effect(.enable, iotID, ticket, isDone: { try await look()?.state != .disable }) {
                _ = try await api.enableThing(iotID: iotID, within: patience.oneCall)
            }
        case .keepClientID(let kept):
            let found = try await clientIDs().map(\.clientID)
            guard found.contains(kept) else {
                throw StationCommand.CommandError(
                    description: "\(unit.deviceName) has no ClientID \(kept); it has \(found.joined(separator: ", "))",
                    zh: "\(unit.deviceName) 没有 ClientID \(kept)：重新列出后再选")
            }
            try await effect(.keepClientID, kept, ticket, isDone: { try await clientIDs().map(\.clientID) == [kept] }) {
                _ = try await api.transformClientID(iotID: iotID, keeping: kept, within: patience.oneCall)
            }
            try await journal.settleClientID(kept, unit: unit.id, workflow: ticket.id, actor: actor)
        case .clearClientIDs:
            try await effect(.clearClientIDs, iotID, ticket, isDone: { try await clientIDs().isEmpty }) {
                _ = try await api.deleteClientIDs(iotID: iotID, within: patience.oneCall)
            }
        }
    }

    private func disable(_ iotID: String, _ ticket: WorkflowTicket, _ api: OpenAPIClient) async throws {
        let patience = patience
        try await effect(.disable, iotID, ticket, isDone: { try await look()?.state == .disable }) {
            _ = try await api.disableThing(iotID: iotID, within: patience.oneCall)
        }
    }

    /// Makes one change under its intent: looks first, and after an answer that was lost looks again before it repeats.
    private func effect(
        _ effect: Effect, _ key: String, _ ticket: WorkflowTicket, isDone: () async throws -> Bool,
        _ call: () async throws -> Void
    ) async throws {
        if try await isDone() {
            // Done by an earlier attempt whose end is not on record: its consequences are put on record all the same.
            let intent = try await journal.beginIntent(
                .workflow(ticket.id), unit: unit.id, effect: effect, key: key, actor: actor)
            return try await journal.finishIntent(
                intent, unit: unit.id, effect: effect, isKnown: true, result: "already so", actor: actor)
        }
        let intent = try await journal.beginIntent(
            .workflow(ticket.id), unit: unit.id, effect: effect, key: key, actor: actor)
        CutPoint.reach("unit.\(effect.rawValue).before")
        do {
            try await patience.ask {
                do { try await call() } catch let error as CloudError where !error.hadNoEffect {
                    guard try await isDone() else { throw error }
                }
            }
            CutPoint.reach("unit.\(effect.rawValue).after")
            try await journal.finishIntent(
                intent, unit: unit.id, effect: effect, isKnown: true, result: "done", actor: actor)
        } catch {
            try await journal.finishIntent(
                intent, unit: unit.id, effect: effect, isKnown: false, result: "\(error)", actor: actor)
            throw error
        }
    }

    private func outcome(of request: UnitRequest) -> WorkflowOutcome {
        switch request {
        case .reflash: WorkflowOutcome(pending: .reflash)
        case .reset: WorkflowOutcome(pending: .reset)
        case .scrap(let destroyed): WorkflowOutcome(state: .scrapped, returnsQuota: destroyed)
        case .replace(let identity, let destroyed):
            WorkflowOutcome(state: .replaced, returnsQuota: destroyed, replacedBy: identity)
        case .disable, .enable, .keepClientID, .clearClientIDs: WorkflowOutcome()
        }
    }
}

extension UnitRequest {
    /// Whether it changes something in the cloud by itself; re-flash and reset do so when the board is placed.
    fileprivate var needsCloud: Bool {
        switch self {
        case .reflash, .reset: false
        case .scrap, .replace, .disable, .enable, .keepClientID, .clearClientIDs: true
        }
    }
}
