import AliyunIoT
import Journal
import Provisioning
import Simulation
import Testing

@testable import Execution

@Suite("A DeviceName is made once, and only an own one is accepted")
struct RegisterStepTests {
    @Test("the first registration creates the device under an intent; the second finds the same device")
    func twice() async throws {
        try await CloudBed.with { bed async throws in
            let first = try await bed.register()
            #expect(try await bed.register() == first)
            #expect(try await bed.admin.devices().count == 1)
            let unit = try await bed.journal.unit(bed.unit.id)
            #expect(unit?.iotID == first)
            #expect(unit?.registrationUnknown == false)
            #expect(try await bed.journal.recordCounts()["intent.begun"] == 1)
        }
    }

    @Test("a reply that was lost after the device was made: the device is adopted, not made again and not refused")
    func lostReply() async throws {
        try await CloudBed.with { bed async throws in
            try await bed.admin.set(FaultSettings(lostReplyRate: 1))
            // Every answer is lost, also of looks: the step is cut off as by a crash while it waits.
            let cut = Task { try await bed.register(limit: .seconds(60)) }
            while try await bed.admin.devices().isEmpty {
                try await bed.admin.set(FaultSettings(lostReplyRate: 0.5))
                await Task.yield()
            }
            cut.cancel()
            _ = await cut.result
            try await bed.admin.set(FaultSettings(lostReplyRate: 0))
            let device = try #require(try await bed.admin.devices().first)
            #expect(try await bed.register() == device.iotID)
            #expect(try await bed.admin.devices().count == 1)
        }
    }

    @Test("a device of that name which no intent of this journal made is refused")
    func foreign() async throws {
        try await CloudBed.with { bed async throws in
            _ = try await bed.desk.api.registerDevice(
                productKey: CloudBed.productKey, deviceName: bed.unit.deviceName.text)
            #expect(await bed.registerFailure() == .nameExists)
            #expect(try await bed.journal.recordCounts()["intent.begun"] == nil)
        }
    }

    @Test("a name that somebody made after our own attempt was surely refused is not adopted")
    func foreignAfterRefusal() async throws {
        try await CloudBed.with { bed async throws in
            try await bed.admin.set(FaultSettings(throttleRate: 1))
            #expect(await bed.registerFailure(limit: .seconds(2)) == .registerCloud)
            try await bed.admin.set(FaultSettings(throttleRate: 0))
            _ = try await bed.desk.api.registerDevice(
                productKey: CloudBed.productKey, deviceName: bed.unit.deviceName.text)
            #expect(await bed.registerFailure() == .nameExists)
        }
    }

    @Test("a device that was deleted behind the station is told apart from one that never was")
    func deleted() async throws {
        try await CloudBed.with { bed async throws in
            try await bed.desk.api.deleteDevice(iotID: bed.register())
            #expect(await bed.registerFailure() == .deletedInCloud)
        }
    }

    @Test("an outage longer than patience holds the unit with the cloud's code, and nothing is made")
    func outage() async throws {
        try await CloudBed.with { bed async throws in
            try await bed.admin.set(FaultSettings(outageSeconds: 120))
            #expect(await bed.registerFailure(limit: .seconds(2)) == .registerCloud)
            try await bed.admin.set(FaultSettings(outageSeconds: 0))
            #expect(try await bed.admin.devices().isEmpty)
        }
    }

    @Test("throttling is waited out")
    func throttled() async throws {
        try await CloudBed.with { bed async throws in
            try await bed.admin.set(FaultSettings(throttleRate: 0.7))
            _ = try await bed.register(limit: .seconds(60))
            try await bed.admin.set(FaultSettings(throttleRate: 0))
            #expect(try await bed.admin.devices().count == 1)
        }
    }
}
