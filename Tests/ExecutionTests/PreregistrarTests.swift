import AliyunIoT
import Foundation
import Journal
import Provisioning
import Simulation
import Testing

@testable import Execution

@Suite("Names that are known in advance are created once and accounted for one by one")
struct PreregistrarTests {
    @Test("each name is created, its IotId kept, and its board's run takes the device as its own")
    func whole() async throws {
        try await CloudBed.with { bed async throws in
            let own = bed.unit.deviceName.text
            try await bed.journal.listNames(
                order: bed.order.id, digest: "d", batches: [[own], ["name-1", "name-2"]], actor: "test")
            try await Preregistrar(
                journal: bed.journal, api: bed.desk.api, actor: "test", pollInterval: .milliseconds(20)
            ) { _ in }.workOff()
            #expect(
                try await bed.journal.batchProgress(order: bed.order.id)
                    == BatchProgress(listed: 3, created: 3, refused: 0, openBatches: 0))
            let listed = try await bed.journal.listedNames(order: bed.order.id)
            #expect(listed.first?.iotID == (try await bed.register()))
            #expect(try await bed.admin.devices().count == 3)
        }
    }

    @Test("a listed name that somebody has activated since is not taken")
    func activated() async throws {
        try await CloudBed.with { bed async throws in
            let own = bed.unit.deviceName.text
            try await bed.journal.listNames(order: bed.order.id, digest: "d", batches: [[own]], actor: "test")
            try await Preregistrar(
                journal: bed.journal, api: bed.desk.api, actor: "test", pollInterval: .milliseconds(20)
            ) { _ in }.workOff()
            let secret = try await DynamicRegistration(cloud: bed.cloud).overHTTPS(
                productKey: CloudBed.productKey, deviceName: own, productSecret: CloudBed.productSecret)
            try await DeviceConnection(cloud: bed.cloud, productKey: CloudBed.productKey, deviceName: own)
                .withSession(deviceSecret: secret) { _ in }
            #expect(await bed.registerFailure() == .nameExists)
        }
    }

    @Test("a board placed while its name's batch is under way waits for it like for the cloud")
    func early() async throws {
        try await CloudBed.with { bed async throws in
            let own = bed.unit.deviceName.text
            try await bed.journal.listNames(order: bed.order.id, digest: "d", batches: [[own]], actor: "test")
            _ = try await bed.desk.api.registerDevice(productKey: CloudBed.productKey, deviceName: own)
            #expect(await bed.registerFailure() == .registerCloud)
        }
    }

    @Test("the same list twice is one list; more names than the quota, or names of another list, are refused")
    func lists() async throws {
        try await CloudBed.with { bed async throws in
            for _ in 1...2 {
                try await bed.journal.listNames(
                    order: bed.order.id, digest: "d", batches: [["name-1", "name-2"]], actor: "test")
            }
            #expect(try await bed.journal.listedNames(order: bed.order.id).count == 2)
            for (digest, more) in [("e", ["NAME-2"]), ("f", (1...9).map { "more-\($0)" })] {
                await #expect(throws: JournalError.self) {
                    try await bed.journal.listNames(
                        order: bed.order.id, digest: digest, batches: [more], actor: "test")
                }
            }
            #expect(try await bed.journal.listedNames(order: bed.order.id).count == 2)
        }
    }
}
