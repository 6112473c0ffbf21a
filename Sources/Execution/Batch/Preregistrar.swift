public import AliyunIoT
import CutPoint
public import Journal
import Provisioning

/// Creates the DeviceNames that orders list in advance, batch by batch, and accounts for every name.
///
/// What is open stands in the journal, so it goes on after a crash where it stood, by the cloud's ApplyId. One batch at a
/// time: the platform runs one creation a product.
public struct Preregistrar: Sendable {
    private let journal: Journal
    private let registrar: BatchRegistrar
    private let actor: String
    private let notice: @Sendable (String) -> Void

    /// - Parameter notice: told in a sentence what happens.
    public init(
        journal: Journal, api: OpenAPIClient, actor: String, pollInterval: Duration = .seconds(2),
        notice: @escaping @Sendable (String) -> Void
    ) {
        (self.journal, self.actor, self.notice) = (journal, actor, notice)
        registrar = BatchRegistrar(client: api, pollInterval: pollInterval)
    }

    init(_ parts: LineParts) {
        let events = parts.events
        self.init(
            journal: parts.journal, api: parts.desk.api, actor: parts.settings.actor,
            notice: { events.send(.notice($0)) })
    }

    /// Works off what is open, looking for more every second, until cancelled. Cloud trouble is waited out; journal
    /// faults end it.
    func run() async throws {
        while !Task.isCancelled {
            do {
                try await workOff()
                try? await Task.sleep(for: .seconds(1))
            } catch let error as CloudError {
                notice("names in advance are tried again in 10 s: \(error)")
                try? await Task.sleep(for: .seconds(10))
            } catch is CancellationError { return }
        }
    }

    /// Brings every open batch to its end; one that the cloud refuses does not keep the others back.
    /// - Throws: the first ``CloudError``, when all were tried: repeat it later, nothing is created twice. What the journal
    ///   throws.
    public func workOff() async throws {
        var first: CloudError?
        for batch in try await journal.openBatches() {
            do { try await perform(batch) } catch let error as CloudError {
                notice("order \(batch.order), batch \(batch.number): \(error)")
                first = first ?? error
            }
        }
        if let first { throw first }
    }

    private func perform(_ batch: NameBatch) async throws {
        let state: BatchRegistration
        if let checkpoint = BatchCheckpoint(json: batch.checkpoint) {
            state = try BatchRegistration(names: batch.names, resuming: checkpoint)
            notice(
                "order \(batch.order), batch \(batch.number): resumed at \(checkpoint.phase.rawValue), ApplyId "
                    + (checkpoint.applyID.map(String.init) ?? "none yet"))
        } else {
            state = try BatchRegistration(productKey: batch.productKey, names: batch.names)
        }
        let report = try await registrar.run(
            state,
            save: { checkpoint in
                CutPoint.reach("batch.\(checkpoint.phase.rawValue)")
                try await journal.saveBatch(batch, checkpoint: checkpoint.json, actor: actor)
                CutPoint.reach("batch.\(checkpoint.phase.rawValue).saved")
            })
        let names = report.rows.map { row in
            switch row.outcome {
            case .created(let iotID): ListedName(name: row.name, outcome: "created", reason: nil, iotID: iotID)
            case .invalid(let reason): ListedName(name: row.name, outcome: "invalid", reason: reason, iotID: nil)
            case .repeated: ListedName(name: row.name, outcome: "repeated", reason: nil, iotID: nil)
            case .missing: ListedName(name: row.name, outcome: "missing", reason: nil, iotID: nil)
            }
        }
        CutPoint.reach("batch.conclude")
        try await journal.concludeBatch(batch, names: names, strangers: report.strangers, actor: actor)
        notice(
            "order \(batch.order), batch \(batch.number): \(report.createdCount) of \(names.count) names created"
                + (report.strangers.isEmpty ? "" : ", and \(report.strangers.count) that nobody asked for"))
    }
}
