import Bench
import BoardProtocols
import Provisioning
import Testing

@Suite struct FlashPlanTests {
    private static func region(_ name: String, _ offset: UInt32, _ size: Int) -> FlashRegion {
        FlashRegion(name: name, offset: offset, image: [UInt8](repeating: 1, count: size))
    }

    @Test("regions side by side and beside a preserved range are fine")
    func accepted() throws {
        let plan = try FlashPlan(
            regions: [Self.region("boot", 0, 0x8000), Self.region("app", 0x10000, 5000)],
            preserve: [.init(name: "nvs", offset: 0x9000, size: 0x6000), .init(name: "tail", offset: 0x12000, size: 1)])
        #expect(plan.end == 0x12000)
    }

    @Test(
        "what would erase too much cannot be planned",
        arguments: [
            ([FlashRegion](), FlashPlanError.empty), ([region("a", 0, 0)], .emptyImage("a")),
            ([region("a", 0x100, 4)], .alignment("a", offset: 0x100, sector: 0x1000)),
            ([region("a", 0xFFF000, 4097)], .beyondFlash("a", end: 0x100_1000)),
            ([region("a", 0, 4097), region("b", 0x1000, 4)], .overlap("b", "a")),
            ([region("a", 0x8000, 4097)], .preserved("a", "nvs")),
            ([region("a", 0xE000, 1)], .preserved("a", "nvs")),
        ] as [([FlashRegion], FlashPlanError)])
    func refused(_ regions: [FlashRegion], _ error: FlashPlanError) {
        #expect(throws: error) {
            try FlashPlan(regions: regions, preserve: [.init(name: "nvs", offset: 0x9000, size: 0x5001)])
        }
    }

    @Test("the credential region reads back, starts with an active page and prints nothing of it")
    func credential() throws {
        let region = try CredentialPartition.region(
            productKey: "a1Key", productSecret: Secret("hush-hush-hush-1"), offset: 0x3E_0000)
        #expect(region.name == "cred")
        #expect(region.image.count == 0x3000)
        let read = try #require(try CredentialPartition.read(region.image))
        #expect(read.productKey == "a1Key")
        #expect(read.productSecret == Secret("hush-hush-hush-1"))
        var dumped = "\(region)"
        dump(region, to: &dumped)
        dump(try FlashPlan(regions: [region]), to: &dumped)
        #expect(!dumped.contains("hush"))
        #expect(dumped.count < 2000)
        #expect(try CredentialPartition.read([UInt8](repeating: 0xFF, count: 0x3000)) == nil)
    }
}
