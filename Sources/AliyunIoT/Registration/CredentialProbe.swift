public import Provisioning

/// Asks the cloud whether a product's credential works, by registering a *probe name*: a DeviceName of its own that
/// exists, is registered again and again, and never connects.
///
/// A unit's own name is never used for it, since each registration may kill the DeviceSecret handed out before.
public struct CredentialProbe: Sendable {
    public enum Answer: Equatable, Sendable {
        /// The switch is on and the ProductSecret is right.
        case ready
        case switchOff
        case wrongSecret
        /// Somebody has connected under the probe name: choose another one, and find out who.
        case alreadyActive
        /// The probe name does not exist: create it.
        case noProbe
        case noProduct
        /// This cloud has no HTTPS registration, and MQTT does not say why it refuses.
        case cannotTell(reason: String)
        /// Trouble of the cloud's or of the way to it; ask again later.
        case cloudTrouble(RegistrationError)
        /// An answer that waiting does not change: a refused parameter, or a number that is not documented.
        case failed(RegistrationError)
    }

    private let registration: DynamicRegistration
    private let isOffered: Bool

    /// - Parameter deadline: of the whole call.
    public init(cloud: Cloud, deadline: Duration = .seconds(15)) {
        registration = DynamicRegistration(cloud: cloud, deadline: deadline)
        isOffered = cloud.registration != nil
    }

    /// Registers the probe name over HTTPS; its DeviceSecret is dropped at once.
    public func check(productKey: String, probeName: String, productSecret: Secret) async -> Answer {
        guard isOffered else {
            return .cannotTell(reason: "HTTPS registration is not offered: switch or secret, cannot tell.")
        }
        do {
            _ = try await registration.overHTTPS(
                productKey: productKey, deviceName: probeName, productSecret: productSecret)
            return .ready
        } catch let error as RegistrationError {
            return Self.answer(for: error)
        } catch {
            return .cloudTrouble(RegistrationError(.timeout, "The probe was cancelled before its answer."))
        }
    }

    static func answer(for error: RegistrationError) -> Answer {
        switch error.code {
        case _ where error.isCloudTrouble: .cloudTrouble(error)
        case .switchOff: .switchOff
        case .wrongSecret: .wrongSecret
        case .alreadyActive: .alreadyActive
        case .noDevice: .noProbe
        case .noProduct: .noProduct
        case .notOffered, .refused: .cannotTell(reason: error.sentence)
        case .outage, .timeout, .unreachable: .cloudTrouble(error)
        case .tls, .badRequest, .signMethod, .otherDevice, .unexpected: .failed(error)
        }
    }
}
