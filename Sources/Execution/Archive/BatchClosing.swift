import AliyunIoT
import CutPoint
import Foundation
import Journal
import Provisioning
import Reports

/// Ends a batch: no board any more, a reconciliation, the probe's answer about the switch, the signed archive, then the
/// order's state, in this order.
///
/// ```
///   order.changed (closing) ─► reconcile.concluded ─► probe.answered ─► DATA/batches/ORDER ─► batch.archived ─► order.changed
/// ```
/// Every stage may be cut off: asking again begins with a reconciliation anew, and an archive that no record names is
/// replaced. Rows that are open leave the order closing: they are worked off there, or the order is held and opened again.
struct BatchClosing {
    let context: CommandContext
    let end: BatchEnd

    private var journal: Journal { context.journal }
    private var state: WorkOrder.State { end.second == nil ? .closed : .terminated }

    /// - Returns: `state`: how far it is. Until it says `closed`, `terminated` or `open-rows` the command is given again.
    func perform() async throws -> JSONValue {
        guard let desk = context.desk, let settings = context.batches else {
            throw refusal("a batch is ended where a cloud is configured: name --config FILE", zh: "没有配置云端，不能关闭")
        }
        guard let order = try await journal.order(end.order) else {
            throw refusal("there is no order \(end.order); `station order list` shows them")
        }
        if order.state.isOver { return try await over(order) }
        try checkPeople()
        try await begin(order)
        let progress = try await ReconcileDesk(
            journal: journal, desk: desk, profiles: context.profiles, actor: context.actor
        ).advance(order: order.id, packed: end.packed)
        guard case .concluded(let result) = progress else {
            return ["state": "reconciling", "progress": progress.json, "result": nil, "archive": nil, "switch": nil]
        }
        CutPoint.reach("end.reconciled")
        let exceptions = try exceptions(result)
        if result.open > 0, state == .closed {
            return ["state": "open-rows", "progress": nil, "result": result.json, "archive": nil, "switch": nil]
        }
        if state == .closed { try await journal.insistOnSettled(order: order.id) }
        let proof = try await SwitchProof(context: context, desk: desk).take(order)
        CutPoint.reach("end.probed")
        let signer = try settings.signer()
        let files = ReconcileFiles(dataFolder: journal.folder)
        guard let now = try await journal.order(order.id), now.state == .closing else {
            throw refusal("order \(order.id) was changed meanwhile: ask again", zh: "工单 \(order.id) 刚被改动：再试一次")
        }
        let archive = try await BatchArchive.write(
            BatchArchive.Contents(
                order: now,
                ending: BatchArchive.Ending(
                    state: state, reason: end.reason, actor: context.actor, second: end.second, exceptions: exceptions),
                reconciliation: result.json, rowsFile: files.rows(result.number),
                cloudFile: files.cloud(result.number),
                packedFile: end.packed == nil ? nil : files.packed(result.number), registrationSwitch: proof,
                station: settings.station, software: settings.software, pages: settings.pages),
            of: journal, in: try batchesFolder(), signer: signer)
        let record = try await journal.recordArchive(
            order: order.id, folder: archive.folder, manifestSHA256: archive.manifestSHA256, head: archive.head,
            key: signer.key, actor: context.actor)
        CutPoint.reach("end.archived")
        let ended = try await journal.changeOrder(
            order.id, to: state, leavingUnsettled: state == .terminated, second: end.second,
            details: ["exceptions": .object(exceptions.mapValues(JSONValue.string)), "archive": record.json],
            reason: end.reason, actor: context.actor)
        context.line?.events.send(.order(ended))
        return [
            "state": .string(ended.state.rawValue), "progress": nil, "result": result.json, "archive": record.json,
            "switch": proof,
        ]
    }

    private func refusal(_ sentence: String, zh: String? = nil) -> StationCommand.CommandError {
        .init(description: sentence, zh: zh)
    }

    private func over(_ order: WorkOrder) async throws -> JSONValue {
        [
            "state": .string(order.state.rawValue), "progress": nil,
            "result": try await journal.lastReconciliation(order: order.id)?.body ?? .null,
            "archive": try await journal.archive(order: order.id)?.json ?? .null, "switch": nil,
        ]
    }

    private func checkPeople() throws {
        guard !end.reason.allSatisfy(\.isWhitespace) else { throw refusal("give a reason") }
        guard let second = end.second else { return }
        guard !second.isEmpty, second != context.actor, "cli:" + second != context.actor,
            "person:" + second != context.actor
        else {
            throw refusal(
                "a batch is terminated by two people: expected another one than \(context.actor)", zh: "终止要两个人签字：应是另一个人"
            )
        }
    }

    /// No new board from here on; boards under way end first.
    private func begin(_ order: WorkOrder) async throws {
        guard order.state != .closing else { return }
        // What the batch was made with stands in its archive, whenever the station was started last; before the state, so that
        // no cut leaves it out.
        if let configuration = context.batches?.configuration(), configuration != .null {
            try await journal.append(kind: .stationConfigured, actor: context.actor, body: configuration)
        }
        let closing = try await journal.changeOrder(
            order.id, to: .closing, reason: end.reason, actor: context.actor)
        context.line?.events.send(.order(closing))
        CutPoint.reach("end.closing")
    }

    /// The reasons for open rows of a batch that is terminated, each class that has any.
    private func exceptions(_ result: ReconcileResult) throws -> [String: String] {
        guard state == .terminated else { return [:] }
        let open = result.counts.filter { $1 > 0 && ReconcileClass(name: $0)?.isOpen == true }
        if end.exceptions.isEmpty { return open.mapValues { _ in end.reason } }
        let missing = open.keys.filter { end.exceptions[$0]?.isEmpty ?? true }.sorted()
        guard missing.isEmpty else {
            let named = missing.map { "\($0) (\(open[$0] ?? 0))" }.joined(separator: ", ")
            throw refusal(
                "open rows without a reason: \(named); give each class its own with --exception CLASS=REASON",
                zh: "这些未清行还没有原因：\(named)")
        }
        return end.exceptions.filter { open[$0.key] != nil }
    }

    private func batchesFolder() throws -> String {
        let folder = journal.folder + "/batches"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        return folder
    }
}
