import AliyunIoT
import Foundation
import Journal
import Provisioning
import Reports
import Simulation
import Testing
import Vault

@testable import Execution

@Suite("A batch is ended with an archive")
struct BatchClosingTests {
    /// What a command that ends a batch is carried out with: a vault, and pages that are short.
    private static func context(_ bed: CloudBed, actor: String = "cli:leader") throws -> (CommandContext, Vault) {
        let vault = try Vault.open(dataFolder: bed.journal.folder)
        let settings = BatchSettings(
            station: "T", software: "test",
            signer: { BatchArchive.Signer(key: try vault.signingPublicKey().hex) { try vault.sign($0) } },
            pages: { ["report.html": "<p>\($0.title)</p>\n"] })
        let context = CommandContext(
            journal: bed.journal, releases: ReleaseStore(dataFolder: bed.journal.folder), profiles: [:],
            desk: bed.desk, batches: settings, actor: actor)
        return (context, vault)
    }

    private static func end(_ command: StationCommand, _ context: CommandContext) async throws -> JSONValue {
        for _ in 0..<20 {
            let answer = try await command.perform(context)
            if answer["state"].string != "reconciling" { return answer }
        }
        throw StationCommand.CommandError(description: "no end after 20 times")
    }

    /// The bed's unit passes: its device registers and connects as its board would.
    private static func pass(_ bed: CloudBed) async throws {
        _ = try await bed.register()
        for effect in [Effect.flash, .boot] {
            let intent = try await bed.journal.beginIntent(
                .run(bed.run), unit: bed.unit.id, effect: effect, key: "test", actor: "test")
            try await bed.journal.finishIntent(
                intent, unit: bed.unit.id, effect: effect, isKnown: true, result: "done", actor: "test")
        }
        let name = bed.unit.deviceName.text
        let secret = try await DynamicRegistration(cloud: bed.cloud).overHTTPS(
            productKey: CloudBed.productKey, deviceName: name, productSecret: CloudBed.productSecret)
        try await DeviceConnection(cloud: bed.cloud, productKey: CloudBed.productKey, deviceName: name)
            .withSession(deviceSecret: secret) { _ in }
        try await bed.concludeRun(.pass)
    }

    private static func close(_ bed: CloudBed, _ reason: String = "shipped") -> StationCommand {
        .closeBatch(order: bed.order.id, packed: nil, reason: reason)
    }

    @Test("with no open row: closed, and its archive verifies and says that the switch was off")
    func closed() async throws {
        try await CloudBed.with { bed async throws in
            try await Self.pass(bed)
            _ = try await bed.desk.api.registerDevice(
                productKey: CloudBed.productKey, deviceName: CloudDesk.probeName)
            try await bed.admin.turnSwitch(product: CloudBed.productKey, on: false)
            let (context, vault) = try Self.context(bed)
            let answer = try await Self.end(Self.close(bed), context)
            #expect(answer["state"].string == "closed", "\(answer.text)")
            #expect(answer["switch"]["state"].string == "off")
            #expect(try await bed.journal.order(bed.order.id)?.state == .closed)
            let folder = try #require(answer["archive"]["folder"].string)
            let found = try ArchiveVerification.verify(folder, key: vault.signingPublicKey())
            #expect(found.findings.map(\.description) == [])
            #expect(found.manifest?.json["switch"]["answer"].string?.contains("6288") == true)
            #expect(found.manifest?.json["counts"]["passed"].int == 1)
            #expect(try await bed.journal.verify().isClean)
            // Asked again it is told how it ended, and nothing is done again.
            let again = try await Self.end(Self.close(bed), context)
            #expect(again["state"].string == "closed" && again["archive"] == answer["archive"])
            #expect(try await bed.journal.recordCounts()["batch.archived"] == 1)
        }
    }

    @Test("where another order needs the switch, the archive says so")
    func needed() async throws {
        try await CloudBed.with { bed async throws in
            try await Self.pass(bed)
            _ = try await bed.desk.api.registerDevice(
                productKey: CloudBed.productKey, deviceName: CloudDesk.probeName)
            let other = try await bed.journal.createOrder(
                WorkOrder.Terms(
                    productKey: CloudBed.productKey, release: "1.0.0", profile: "esp32c3", quota: 3), actor: "test")
            let (context, vault) = try Self.context(bed)
            let answer = try await Self.end(Self.close(bed), context)
            #expect(answer["state"].string == "closed")
            #expect(answer["switch"]["state"].string == "on")
            #expect(answer["switch"]["needed_by"] == [.string(other.id)])
            let folder = try #require(answer["archive"]["folder"].string)
            #expect(try ArchiveVerification.verify(folder, key: vault.signingPublicKey()).isWhole)
        }
    }

    @Test("an open row leaves the order closing; it takes no board, may be opened again, or is terminated by two")
    func openRows() async throws {
        try await CloudBed.with { bed async throws in
            _ = try await bed.register()
            try await bed.concludeRun(.fail)
            let (context, vault) = try Self.context(bed)
            let answer = try await Self.end(Self.close(bed), context)
            #expect(answer["state"].string == "open-rows")
            #expect(answer["result"]["open"].int == 1)
            #expect(try await bed.journal.order(bed.order.id)?.state == .closing)
            #expect(try await bed.journal.archive(order: bed.order.id) == nil)
            #expect(!FileManager.default.fileExists(atPath: bed.journal.folder + "/batches/" + bed.order.id))

            for second in ["", "cli:leader", "leader"] {
                await #expect(throws: StationCommand.CommandError.self) {
                    _ = try await Self.end(
                        .terminateBatch(
                            order: bed.order.id, packed: nil, exceptions: [:], second: second, reason: "recall"),
                        context)
                }
            }
            let wrong = StationCommand.terminateBatch(
                order: bed.order.id, packed: nil, exceptions: ["deleted-in-cloud": "x"], second: "owner",
                reason: "recall")
            await #expect(throws: StationCommand.CommandError.self) { _ = try await Self.end(wrong, context) }

            let ended = try await Self.end(
                .terminateBatch(
                    order: bed.order.id, packed: nil, exceptions: [:], second: "owner", reason: "recall"), context)
            #expect(ended["state"].string == "terminated")
            let folder = try #require(ended["archive"]["folder"].string)
            let found = try ArchiveVerification.verify(folder, key: vault.signingPublicKey())
            #expect(found.findings.map(\.description) == [])
            #expect(found.manifest?.ending == "terminated")
            #expect(found.manifest?.json["people"]["second"].string == "owner")
            #expect(found.manifest?.json["people"]["exceptions"].object?.isEmpty == false)
            #expect(try await bed.journal.order(bed.order.id)?.state == .terminated)
        }
    }

    @Test("a batch that is closing may be held and opened: its boards run again")
    func back() async throws {
        try await CloudBed.with { bed async throws in
            _ = try await bed.register()
            try await bed.concludeRun(.fail)
            let (context, _) = try Self.context(bed)
            _ = try await Self.end(Self.close(bed), context)
            for state in [WorkOrder.State.held, .open] {
                try await bed.journal.changeOrder(bed.order.id, to: state, reason: "retest", actor: "cli:leader")
            }
            #expect(try await bed.journal.order(bed.order.id)?.state == .open)
        }
    }
}
