import Bench
import BoardProtocols
import Foundation
import Provisioning
import Simulation

/// The kind of board that `bench flash` writes, and the peer that writes it by turns with the station.
struct BenchTarget: Sendable {
    let profile: BoardProfile
    let family: SimulatedFamily

    /// Why a profile is not measured.
    struct Unmeasured: Error, CustomStringConvertible {
        let description: String
    }

    init(_ profile: BoardProfile) throws {
        self.profile = profile
        family = try SimulatedFamily(of: profile)
        guard [.espressif, .dfu].contains(profile.flash.method) else {
            throw Unmeasured(
                description:
                    "bench flash --board \(profile.name): expected a profile with flash method espressif or dfu, "
                    + "received \(profile.flash.method.rawValue)")
        }
    }

    var isUSB: Bool { profile.flash.method == .dfu }

    /// Where the image goes in flash as the loader names it.
    var address: UInt32 { isUSB ? 0x0800_0000 : BenchImage.offset }
    /// Where it stands in the board's flash file.
    var fileOffset: Int { isUSB ? 0 : Int(BenchImage.offset) }

    /// The largest image, in bytes.
    var largest: Int { isUSB ? 512 << 10 : BenchImage.sizes.upperBound }

    /// What is written.
    func plan(_ image: [UInt8], skipMatching: Bool) throws -> FlashPlan {
        let region = FlashRegion(
            name: "image", offset: address, image: image, sector: isUSB ? 0x2_0000 : FlashPlan.sector)
        return try FlashPlan(regions: [region], skipMatching: skipMatching, limit: 1 << 32)
    }

    func method(_ slot: BenchFixture.Slot, baud: Int) throws -> BoardMethod {
        try BoardMethod(
            profile: profile,
            slot: .init(name: slot.name, port: slot.port.description, usbPath: "1-1", maxBaud: baud, tools: [:]))
    }

    /// The peer, as a user would run it; nil where it is not installed.
    func peer() -> BenchPeer? {
        isUSB ? BenchPeer.find("dfu-util", family: family) : BenchPeer.find("esptool", family: family)
    }
}
