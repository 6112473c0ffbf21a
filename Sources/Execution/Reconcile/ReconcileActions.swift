import AliyunIoT
import CutPoint
import Foundation
import Journal
import Provisioning
import Reports

/// Carries out the one safe action of rows: looks at journal and cloud again first, and does nothing where the row is not
/// what it was any more. So it can be asked for again after a crash in its middle.
struct ReconcileActions {
    let desk: ReconcileDesk
    let context: CommandContext
    let order: WorkOrder
    let reason: String
    /// The second person, where one signed.
    let second: String?
    /// The ClientID to keep, where a person chose one.
    let clientID: String?

    /// Most names at a go.
    static let most = 100
    /// How old a ghost must be, by the cloud's clock.
    var ghostAge = Duration.seconds(24 * 3600)

    private var journal: Journal { context.journal }
    private var actor: String { context.actor }

    /// What came of one row.
    struct Done: Sendable {
        let deviceName: String
        let action: String?
        let isDone: Bool
        let sentence: String
        /// The same in Chinese; nil = it is told in English.
        var zh: String?

        var json: JSONValue {
            [
                "device_name": .string(deviceName), "action": .init(action), "done": .bool(isDone),
                "sentence": .string(sentence), "zh": .string(zh ?? sentence),
            ]
        }
    }

    /// - Parameters:
    ///   - names: of the rows.
    ///   - expected: the class the rows had.
    ///   - asked: another action than the row's first, where it has one; nil = the row's.
    func perform(
        _ names: [String], as expected: ReconcileClass?, _ asked: ReconcileAction.Key?
    ) async throws -> [Done] {
        var done: [Done] = []
        for name in names.prefix(Self.most) {
            do { done.append(try await perform(name, expected, asked)) } catch {
                // Trouble of the journal ends it; what one name is refused is told beside it.
                if let trouble = error as? JournalError, trouble.code == .storage || trouble.code == .locked {
                    throw error
                }
                let zh = (error as? StationCommand.CommandError)?.zh ?? (error as? JournalError)?.zh
                done.append(
                    Done(deviceName: name, action: asked?.rawValue, isDone: false, sentence: "\(error)", zh: zh))
            }
        }
        return done
    }

    private func perform(
        _ name: String, _ expected: ReconcileClass?, _ asked: ReconcileAction.Key?
    ) async throws -> Done {
        let look = try await look(name)
        guard let match = look.match, let key = asked ?? match.action(order.productKey)?.key else {
            return Done(
                deviceName: name, action: nil, isDone: true, sentence: "nothing is to be done any more",
                zh: "已不需要处理")
        }
        if let expected, !match.classes.contains(expected) {
            return Done(
                deviceName: name, action: nil, isDone: true,
                sentence: "it is \(match.first.name) now, no longer \(expected.name); reconcile again",
                zh: "现在是“\(match.first.zh)”，不再是“\(expected.zh)”：重新对账")
        }
        guard key == match.action(order.productKey)?.key || (key == .baseline && !match.isOurs) else {
            throw refusal("\(key.rawValue) is not what is done about \(match.first.name)")
        }
        let sentence = try await act(key, match, look)
        return Done(deviceName: name, action: key.rawValue, isDone: true, sentence: sentence)
    }

    private func refusal(_ sentence: String, zh: String? = nil) -> StationCommand.CommandError {
        StationCommand.CommandError(description: sentence, zh: zh)
    }

    // MARK: - Looking again

    private struct Look {
        /// nil = the name does not concern the order any more.
        let match: ReconcileMatch?
        let reading: DeviceReading?
        /// The HTTP `Date` of the cloud's answer.
        let cloudDate: String?
    }

    private func look(_ name: String) async throws -> Look {
        let api = desk.desk.api
        let known = try await journal.nameSnapshot().name(name, productKey: order.productKey)
        let found = try await api.lookUpDevice(
            .name(productKey: order.productKey, deviceName: known?.name ?? name), priority: .workflow)
        var device =
            found.reading.map { CloudName($0, name: known?.name ?? name) }
            ?? CloudName(key: name.lowercased(), name: name, isAbsent: true)
        if order.registration == .noPreregistration, !device.iotID.isEmpty, known?.unit != nil {
            device.clientIDs = try await api.queryClientIDs(iotID: device.iotID).map(\.clientID)
        }
        let rule = ReconcileRule(
            order: order.id, registration: order.registration, window: order.terms.window,
            probeName: CloudDesk.probeName)
        let match = rule.judge(known, device).map { ReconcileMatch(journal: known, cloud: device, classes: $0) }
        return Look(match: match, reading: found.reading, cloudDate: found.cloudDate)
    }

    // MARK: - Doing

    private func act(_ key: ReconcileAction.Key, _ match: ReconcileMatch, _ look: Look) async throws -> String {
        let name = match.name
        func workflow(_ request: UnitRequest) async throws -> BoardUnit {
            try await context.workflow(name, reason: reason, second: second).perform(request)
        }
        switch key {
        case .stop: return try await stop(match, look)
        case .baseline:
            try await journal.addToBaseline(
                productKey: order.productKey, names: [name], reason: reason, actor: actor)
            return "it counts as known"
        case .hold:
            return "it is \(try await journal.holdUnit(deviceName: name, reason: reason, actor: actor).state.rawValue)"
        case .release:
            if match.journal?.clash != nil {
                guard let second, !second.isEmpty, second != actor, "cli:" + second != actor else {
                    throw refusal(
                        "two people decide whose the name is: name the other one with --second", zh: "名字归谁要两个人签字")
                }
            }
            let whole = second.map { "\(reason) (signed by \($0) too)" } ?? reason
            return
                "it is \(try await journal.releaseUnit(deviceName: name, reason: whole, actor: actor).state.rawValue)"
        case .keepClientID:
            guard let kept = clientID ?? match.journal?.clientID else { throw refusal("no ClientID is named") }
            _ = try await workflow(.keepClientID(kept))
            return "ClientID \(kept) is kept, the others are void"
        case .clearClientIDs:
            _ = try await workflow(.clearClientIDs)
            return "all ClientIDs are void: place the board again"
        case .reset:
            _ = try await workflow(.reset)
            return "a reset is ordered: place the board"
        case .reflash:
            _ = try await workflow(.reflash)
            return "a re-flash is ordered: place the board"
        case .scrap:
            _ = try await workflow(.scrap(destroyed: false))
            return "it is scrapped"
        case .forget:
            try await journal.dropName(
                order: order.id, productKey: order.productKey, deviceName: name, reason: reason, actor: actor)
            return "it is off its list"
        case .cleanUp: return try await cleanUp(match, look)
        case .place, .unpack, .correct, .find:
            let sentence = match.action(order.productKey)?.en ?? key.rawValue
            throw refusal("this is done by hand: \(sentence)")
        }
    }

    /// Somebody else's device: alarmed, and forbidden to connect. It can be allowed again in the platform's console.
    private func stop(_ match: ReconcileMatch, _ look: Look) async throws -> String {
        guard let reading = look.reading else { throw refusal("the cloud has it no more", zh: "云端已经没有它") }
        _ = try await journal.raiseAlarm(
            productKey: order.productKey, deviceName: match.name, kind: "active-not-ours",
            details: [
                "iot_id": .string(reading.iotID), "state": .init(reading.state?.rawValue),
                "created_at": .init(reading.createdAt), "activated_at": .init(reading.activatedAt),
                "sentence": .string("reconciliation of \(order.id): \(reason)"),
            ], actor: actor)
        try await effect(.disable, match.name, reading.iotID) { api in
            _ = try await api.disableThing(iotID: reading.iotID)
        }
        return
            "it is forbidden to connect. Console, product \(order.productKey): switch dynamic registration off (动态注册)"
    }

    /// Deletes a name that this journal made and nobody ever used.
    private func cleanUp(_ match: ReconcileMatch, _ look: Look) async throws -> String {
        guard let reading = look.reading, match.isOurs else { throw refusal("the cloud has it no more", zh: "云端已经没有它") }
        guard match.journal?.iotID == reading.iotID else {
            throw refusal("its IotId is \(reading.iotID), this journal made \(match.journal?.iotID ?? "none")")
        }
        guard match.journal?.isFlashed == false else { throw refusal("its board was flashed", zh: "它的板子已烧录，不能清理") }
        guard ![.draft, .open, .held].contains(order.state) else {
            throw refusal(
                "order \(order.id) is \(order.state.rawValue): its names may still be used",
                zh: "工单 \(order.id) 还没有停止，名称可能还要用")
        }
        guard try await !journal.isListOpen(order: order.id) else {
            throw refusal(
                "names of order \(order.id) are still being created", zh: "工单 \(order.id) 的名称还在创建")
        }
        guard reading.state == .unactive else {
            throw refusal("it is \(reading.state?.rawValue ?? "in an unknown state")")
        }
        guard let created = reading.createdAt.flatMap(UTCTime.milliseconds),
            let now = look.cloudDate.flatMap(UTCTime.httpDate)
        else { throw refusal("the cloud does not say how old it is", zh: "云端没有给出创建时间") }
        let age = Duration.milliseconds(now - created)
        guard age > ghostAge else {
            throw refusal(
                "it was created at \(reading.createdAt ?? "?"), less than \(ghostAge.hours) h ago",
                zh: "创建不到 \(ghostAge.hours) 小时，不能清理")
        }
        if match.journal?.unit != nil {
            _ = try await context.workflow(match.name, reason: reason, second: second).perform(
                .scrap(destroyed: false))
        } else {
            try await effect(.delete, match.name, reading.iotID) { api in
                _ = try await api.deleteDevice(iotID: reading.iotID)
            }
        }
        return "it is deleted"
    }

    /// Makes one change under its intent, with the second AccessKey.
    private func effect(
        _ effect: Effect, _ name: String, _ iotID: String, _ call: (OpenAPIClient) async throws -> Void
    ) async throws {
        guard let api = desk.desk.workflowAPI else {
            throw refusal(
                "there is no second AccessKey: set workflow_access_key_id in [cloud] and seal its secret with "
                    + "`station secret set access-key/ID`", zh: "没有第二把 AccessKey：叫工程师配置 workflow_access_key_id")
        }
        guard desk.desk.leaderIsSignedIn() else { throw refusal(CloudDesk.noLeader, zh: CloudDesk.noLeaderZh) }
        let intent = try await journal.beginNameIntent(
            order: order.id, productKey: order.productKey, deviceName: name, effect: effect, key: iotID,
            reason: reason, actor: actor)
        CutPoint.reach("name.\(effect.rawValue).before")
        do { try await call(api) } catch let error as CloudError where error.hadNoEffect {
            try await journal.finishNameIntent(intent, isKnown: false, result: "refused: \(error)", actor: actor)
            throw error
        }
        CutPoint.reach("name.\(effect.rawValue).after")
        try await journal.finishNameIntent(intent, isKnown: true, result: "done", actor: actor)
    }
}

extension Duration {
    /// Whole hours.
    fileprivate var hours: Int64 { components.seconds / 3600 }
}

extension ReconcileDesk {
    /// Concludes what was cut off between its intent and its end: the cloud is asked how it is now.
    func settleNameIntents() async throws {
        for intent in try await journal.openNameIntents() {
            let reading = try await desk.api.lookUpDevice(.iotID(intent.key), priority: .workflow).reading
            let isDone = intent.effect == .delete ? reading == nil : reading?.state == .disable
            try await journal.finishNameIntent(
                intent, isKnown: isDone, result: isDone ? "found done" : "found not done", actor: actor)
        }
    }
}
