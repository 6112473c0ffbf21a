import Provisioning

extension DemoBoard {
    /// Boards of which a share has a fault, every kind as often as any other; the same for the same seed.
    ///
    /// - Parameters:
    ///   - faultyPercent: of the boards of each profile, 0 to 100. A pair of boards with one MAC counts as two.
    ///   - kinds: the faults that boards of a profile can have.
    static func mix(
        count: Int, profiles: [BoardProfile], faultyPercent: Int, seed: UInt64, kinds: (BoardProfile) -> [DemoFault]
    ) -> [DemoBoard] {
        var random = DemoRandom(seed: seed)
        let base = firstMAC(&random)
        var faults: [Int: DemoFault] = [:]
        var twins: [Int: Int] = [:]
        for (index, profile) in profiles.enumerated() {
            let own = Array(stride(from: index + 1, through: count, by: profiles.count)).shuffled(using: &random)
            var victims = own.prefix(own.count * faultyPercent / 100)
            var deck: [DemoFault] = []
            while let victim = victims.popFirst() {
                if deck.isEmpty { deck = kinds(profile).shuffled(using: &random) }
                guard let fault = deck.popLast() else { break }
                if fault == .duplicateMAC {
                    guard let other = victims.popFirst() else { continue }
                    faults[other] = fault
                    twins[other] = victim
                }
                faults[victim] = fault
            }
        }
        return make(count: count, profiles: profiles, from: base, faults: faults, twins: twins, random: &random)
    }
}
