import BoardProtocols
public import Provisioning

extension BoardMethod {
    /// Why a profile cannot be carried out on this station.
    public struct MethodError: Error, Sendable, CustomStringConvertible {
        public let description: String
    }

    /// How the boards of a profile are identified and written.
    /// - Throws: ``MethodError``.
    public init(profile: BoardProfile) throws(MethodError) {
        switch profile.flash.method {
        case .espressif:
            self = .espressif(
                chip: EspressifChip.all.first { $0.stubName == profile.chip },
                userBlock: profile.identity.source == .efuseBlock3)
        default:
            throw MethodError(description: "profile \(profile.name): \(profile.flash.method.rawValue)")
        }
    }
}
