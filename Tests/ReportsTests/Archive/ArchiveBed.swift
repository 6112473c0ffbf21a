import Foundation
import Journal
import Locking
import Provisioning
import Reports
import Vault

/// A journal with a batch that is ready to be archived, and another order's boards between its own.
final class ArchiveBed: Sendable {
    let folder: String
    let journal: Journal
    let vault: Vault
    let order: WorkOrder

    var batches: String { folder + "/batches" }

    /// - Parameter units: boards of the batch; every 5th fails once, every 7th of those that do is scrapped for good.
    init(units: Int = 12) async throws {
        folder = FileManager.default.temporaryDirectory.path + "/archive-" + UUID().uuidString
        journal = try Journal(folder: folder)
        vault = try Vault.open(dataFolder: folder)
        for profile in ["esp32c3", "stm32"] {
            try await journal.addRelease(
                Release(
                    profile: profile, version: "1.0.0",
                    images: [.init(region: "app", file: "app.bin", size: 3, sha256: "ab")], sha256: "cd"),
                actor: "cli:engineer")
        }
        let other = try await Self.order(journal, product: "a1other", profile: "stm32")
        order = try await Self.order(journal, product: "a1batch", profile: "esp32c3")
        try FileManager.default.createDirectory(atPath: batches, withIntermediateDirectories: true)
        for number in 1...units {
            if number.isMultiple(of: 3) { try await board(number + 100_000, order: other, slot: "9", [.pass]) }
            let outcomes: [Outcome] =
                number.isMultiple(of: 5) ? [.fail, .pass] : number.isMultiple(of: 4) ? [.interrupted, .pass] : [.pass]
            try await board(number, order: order, slot: String(number % 3 + 1), outcomes)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private static func order(_ journal: Journal, product: String, profile: String) async throws -> WorkOrder {
        let draft = try await journal.createOrder(
            WorkOrder.Terms(productKey: product, release: "1.0.0", profile: profile, quota: 100_000),
            actor: "cli:leader")
        return try await journal.changeOrder(draft.id, to: .open, reason: "opened", actor: "cli:leader")
    }

    /// One board's whole life.
    private func board(_ number: Int, order: WorkOrder, slot: String, _ outcomes: [Outcome]) async throws {
        let mac = try MACAddress("7CDFA1" + String(format: "%06X", number * 4))
        let identity = Identity.mac(mac)
        let uid = HardwareUID(hex: "AA" + mac.hex, source: .chip)
        for outcome in outcomes {
            let run = try await journal.startRun(slot: slot, order: order.id, actor: "station:T")
            try await journal.recordIdentity(
                run: run, phase: "identify", identity: identity, uid: uid, details: nil, actor: "station:T")
            let request = ClaimRule.Request(
                order: order.id, identity: identity, uid: uid, mac: mac, macBlock: 4,
                deviceName: try DeviceNameRule("{mac}").name(for: identity), isUIDIndependent: true)
            guard
                case .admitted(let unit, _) = try await journal.claim(
                    run: run, request: request, rule: ClaimRule(runLimit: 9), actor: "station:T")
            else { throw JournalError(.conflict, "the claim was refused") }
            let intent = try await journal.beginIntent(
                .run(run), unit: unit.id, effect: .register, key: unit.deviceName.text, actor: "station:T")
            try await journal.finishIntent(
                intent, unit: unit.id, effect: .register, isKnown: true, result: "created", iotID: "iot\(number)",
                actor: "station:T")
            let failure: Failure? =
                switch outcome {
                case .fail: Failure(.notReady, "no \"ready\" line, 启动失败\t=1+1")
                case .interrupted: Failure(.interrupted, "power")
                default: nil
                }
            try await journal.conclude(
                run: run, conclusion: .init(outcome: outcome, failure: failure), isFlashed: true,
                steps: [
                    StepRecord(step: .identify, startMilliseconds: 0, durationMilliseconds: 900 + number, result: "ok"),
                    StepRecord(
                        step: .flash, startMilliseconds: 900, durationMilliseconds: 4000,
                        result: outcome == .pass ? "ok" : "BT-101"),
                ], evidence: outcome == .pass ? ["state": "ONLINE"] : nil, details: nil, actor: "station:T")
        }
    }

    /// Writes rows as a reconciliation would, and its record.
    func contents(packed: Bool = true) async throws -> BatchArchive.Contents {
        let rows = try await journal.units(order: order.id).map { unit -> JSONValue in
            [
                "device_name": .string(unit.deviceName.text), "identity": .string(unit.identity.value),
                "unit": .int(unit.id), "order": .string(order.id), "class": "ok", "notes": [], "state": "passed",
                "cloud": ["iot_id": .init(unit.iotID), "state": "ONLINE"], "packed": 1, "owner": "leader",
                "evidence": [:], "action": nil, "open": false,
            ]
        }
        let text = rows.map { $0.text + "\n" }.joined()
        let rowsFile = folder + "/1.jsonl"
        try text.write(toFile: rowsFile, atomically: true, encoding: .utf8)
        let cloudText = rows.map { $0["cloud"].text + "\n" }.joined()
        let cloudFile = folder + "/1.cloud.jsonl"
        try cloudText.write(toFile: cloudFile, atomically: true, encoding: .utf8)
        let packedFile = folder + "/packed-1.csv"
        try rows.compactMap { $0["device_name"].string }.joined(separator: "\n")
            .write(toFile: packedFile, atomically: true, encoding: .utf8)
        let body: JSONValue = [
            "reconciliation": 1, "order": .string(order.id), "open": 0, "rows": .init(rows.count),
            "rows_sha256": .string(sha256(Array(text.utf8))), "cloud_sha256": .string(sha256(Array(cloudText.utf8))),
        ]
        try await journal.append(kind: .reconcileConcluded, actor: "cli:leader", body: body)
        return BatchArchive.Contents(
            order: order, ending: .init(state: .closed, reason: "done", actor: "person:leader"), reconciliation: body,
            rowsFile: rowsFile, cloudFile: cloudFile, packedFile: packed ? packedFile : nil,
            registrationSwitch: ["state": "off", "answer": "6288"], station: "T", software: "test",
            pages: { report in
                ["report.html": "<html>\n<p>\(report.title)</p>\n<p>\(report.figures.counts.count)</p>\n</html>\n"]
            })
    }

    func signer() throws -> BatchArchive.Signer {
        BatchArchive.Signer(key: try vault.signingPublicKey().hex) { [vault] in try vault.sign($0) }
    }

    /// Writes the archive.
    func archive() async throws -> BatchArchive {
        try await BatchArchive.write(contents(), of: journal, in: batches, signer: signer())
    }

    func verify(_ folder: String) throws -> ArchiveVerification {
        try ArchiveVerification.verify(folder, key: vault.signingPublicKey())
    }
}
