import Foundation
import Provisioning

/// One simulated board of a demo: what it carries and what is wrong with it.
struct DemoBoard: Identifiable, Sendable {
    let id: Int
    /// What kind of board it is.
    let profile: BoardProfile
    /// Twelve hexadecimal digits; a bad MAC is one that no board may carry.
    let mac: String
    /// Thirty-two hexadecimal digits.
    let uid: String
    let sn: String?
    let imei: String?
    let fault: DemoFault?

    /// What the station should read from it.
    var identity: String { sn ?? imei ?? mac }

    /// Boards for a demo; the same for the same seed.
    ///
    /// MAC addresses step by 4, as ESP32 boards use them. Each board fault hits one board, `duplicate-mac` a pair.
    ///
    /// - Parameter profiles: boards take them in turn.
    static func make(count: Int, profiles: [BoardProfile], faults: [DemoFault], seed: UInt64) -> [DemoBoard] {
        var random = DemoRandom(seed: seed)
        let base = firstMAC(&random)
        var free = Array(1...max(1, count)).shuffled(using: &random)
        var hit: [Int: DemoFault] = [:]
        var twin: [Int: Int] = [:]
        for fault in faults where fault.hitsOneBoard {
            guard let victim = free.popLast() else { break }
            hit[victim] = fault
            if fault == .duplicateMAC, let other = free.popLast() {
                hit[other] = fault
                twin[other] = victim
            }
        }
        return make(count: count, profiles: profiles, from: base, faults: hit, twins: twin, random: &random)
    }

    /// - Parameters:
    ///   - base: the MAC address before the first board's.
    ///   - faults: by board.
    ///   - twins: boards that carry the identity of another one.
    static func make(
        count: Int, profiles: [BoardProfile], from base: UInt64, faults: [Int: DemoFault], twins: [Int: Int],
        random: inout DemoRandom
    ) -> [DemoBoard] {
        (1...max(1, count)).map { id in
            let number = base + UInt64(twins[id] ?? id) * 4
            let uid = hex(random.next(), 16) + hex(random.next(), 16)
            let profile = profiles[(id - 1) % profiles.count]
            let mac = faults[id] == .badMAC ? "030000" + hex(number & 0xFF_FFFF, 6) : hex(number, 12)
            let serial = twins[id] ?? id
            return DemoBoard(
                id: id, profile: profile, mac: mac, uid: uid, sn: serialNumber(profile, serial, uid: uid),
                imei: profile.identity.kind == .imei ? imei(serial) : nil, fault: faults[id])
        }
    }

    /// The MAC address before a demo's first.
    static func firstMAC(_ random: inout DemoRandom) -> UInt64 {
        UInt64(0x6055_F900_0000) + (random.next() & 0x7F_FFFF) * 4 % 0x80_0000
    }

    /// A board that is on no list, for the fault that swaps boards.
    static func intruder(id: Int, profile: BoardProfile, seed: UInt64) -> DemoBoard {
        var random = DemoRandom(seed: seed &+ 0x1D &+ UInt64(id))
        let mac = "6055FA" + hex(random.next() & 0xFF_FFFC, 6)
        let uid = hex(random.next(), 16) + hex(random.next(), 16)
        return DemoBoard(
            id: id, profile: profile, mac: mac, uid: uid, sn: serialNumber(profile, 999_000 + id % 1000, uid: uid),
            imei: profile.identity.kind == .imei ? imei(999_000 + id % 1000) : nil, fault: nil)
    }

    /// The serial number a board of the profile carries: one of its maker's, or its chip's own id.
    private static func serialNumber(_ profile: BoardProfile, _ serial: Int, uid: String) -> String? {
        guard profile.identity.kind == .sn else { return nil }
        return switch profile.identity.source {
        // 96 bits of an STM32, 64 of an nRF.
        case .chipUID: String(uid.prefix(24))
        case .smp: uid.prefix(16).lowercased()
        default: "SN26-" + decimal(serial, 6)
        }
    }

    private static func imei(_ serial: Int) -> String {
        let body = "86012345" + decimal(serial, 6)
        return body + String(Luhn.checkDigit(of: body))
    }

    private static func hex(_ value: UInt64, _ width: Int) -> String {
        let text = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }

    private static func decimal(_ value: Int, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
