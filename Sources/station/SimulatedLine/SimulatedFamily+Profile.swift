import Provisioning
import Simulation

extension SimulatedFamily {
    /// Why a profile's boards cannot be simulated.
    struct UnknownFamily: Error, CustomStringConvertible {
        let description: String
    }

    /// The simulated boards that a profile describes: those of its name, else those of its chip.
    init(of profile: BoardProfile) throws {
        guard let family = SimulatedFamily(rawValue: profile.name) ?? SimulatedFamily(rawValue: profile.chip) else {
            let known = Self.allCases.map(\.rawValue).joined(separator: ", ")
            throw UnknownFamily(
                description: "boards of profile \(profile.name) cannot be simulated; there are \(known)")
        }
        self = family
    }
}
