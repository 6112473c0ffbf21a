import AliyunIoT
import Journal
import Provisioning
import Simulation
import Testing

@testable import Execution

@Suite("An order that does not fit the instance is held before a board is placed")
struct OpeningCheckTests {
    @Test("room for the quota is needed; devices of other names count")
    func devices() async throws {
        try await CloudBed.with { bed async throws in
            for number in 1...3 {
                _ = try await bed.desk.api.registerDevice(
                    productKey: CloudBed.productKey, deviceName: "other-\(number)")
            }
            // Quota 10, one claimed: 9 are still needed.
            let tight = bed.gate(limits: InstanceLimits(devices: 11))
            #expect(try await tight.check(bed.order) == .refused(.cloudQuota))
            #expect(try await bed.journal.order(bed.order.id)?.holdCode == FailureCode.cloudQuota.text)
            let held = try #require(try await bed.journal.order(bed.order.id))
            #expect(try await bed.gate(limits: InstanceLimits(devices: 12)).check(held) == .ready)
        }
    }

    @Test("a product without any device gets an empty baseline by itself; another one waits for a person's")
    func baseline() async throws {
        try await CloudBed.with { bed async throws in
            _ = try await bed.gate().check(bed.order)
            #expect(try await bed.journal.baselineCount(productKey: CloudBed.productKey) == 0)
        }
        try await CloudBed.with { bed async throws in
            _ = try await bed.register()
            _ = try await bed.gate().check(bed.order)
            #expect(try await bed.journal.baselineCount(productKey: CloudBed.productKey) == nil)
        }
    }
}
