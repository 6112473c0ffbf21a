public import BoardProtocols
import Glibc

/// Switches the power of one hub port: for boards that the hub itself supplies.
///
/// Works only on hubs that switch each port for itself; many that say so do not have the switch on the board, which shows
/// when the board stays on. Blocks; belongs on a thread of the slot's. Source: USB 2.0 specification, section 11.24.2.
public struct USBHubPower: Sendable {
    /// What the hub says.
    public struct Report: Sendable, Equatable {
        public let switching: USBHubDescriptor.Switching
        public let port: USBHubPort
    }

    private static let limit = Duration.seconds(5)
    private let bus: USBBus
    private let port: USBBusPort

    /// - Parameter port: where the board is plugged in.
    public init(bus: USBBus, port: USBBusPort) { (self.bus, self.port) = (bus, port) }

    /// How the hub switches, and how the port stands.
    /// - Throws: ``PowerError`` `unavailable`, `timeout`; `CancellationError`.
    public func report() throws -> Report {
        try session("present?") { try report($0).0 }
    }

    /// Switches and checks that the port says so.
    /// - Throws: ``PowerError`` `refused` where the hub switches all ports together or none, where the port keeps its
    ///   state, or where it reports over-current; `unavailable`, `timeout`; `CancellationError`.
    public func set(on: Bool) throws {
        let action = on ? PowerAction.on : .off
        try session(action.rawValue) { session in
            let (before, descriptor) = try report(session)
            try check(before, action: action, on: on)
            _ = try session.handle.control(USBHubPort.power(session.port, on: on), within: Self.limit)
            usleep(UInt32(on ? max(descriptor.powerGoodDelay, 20) : 20) * 1000)
            let after = try report(session).0
            guard !after.port.hasOverCurrent else { throw overCurrent(action) }
            guard after.port.isPowered == on else {
                throw PowerError(
                    .refused, action: action.rawValue,
                    "the hub above USB \(port) took the request, but the port's power is still \(on ? "off" : "on"): "
                        + "use a hub that switches its ports")
            }
        }
    }

    private typealias Session = (handle: USBHandle, port: UInt8, superSpeed: Bool)

    private func check(_ report: Report, action: PowerAction, on: Bool) throws {
        switch report.switching {
        case .individual: break
        case .ganged:
            throw PowerError(
                .refused, action: action.rawValue,
                "the hub above USB \(port) switches all its ports together, which would cut the other boards off: "
                    + "use a hub with individual port power")
        case .none:
            throw PowerError(
                .refused, action: action.rawValue,
                "the hub above USB \(port) cannot switch the power of its ports: use one that can")
        }
        if on && report.port.hasOverCurrent { throw overCurrent(action) }
    }

    private func overCurrent(_ action: PowerAction) -> PowerError {
        PowerError(
            .refused, action: action.rawValue,
            "the hub reports over-current at USB \(port): look for a short circuit on the board before it gets power")
    }

    private func report(_ session: Session) throws -> (Report, USBHubDescriptor) {
        let text = try session.handle.control(
            USBHubDescriptor.request(superSpeed: session.superSpeed), within: Self.limit)
        let status = try session.handle.control(USBHubPort.status(session.port), within: Self.limit)
        guard let descriptor = USBHubDescriptor(text),
            let state = USBHubPort(status, superSpeed: session.superSpeed)
        else {
            throw PowerError(
                .unavailable, action: "status", "the hub above USB \(port) answered something that is no hub status")
        }
        return (Report(switching: descriptor.switching, port: state), descriptor)
    }

    private func session<R>(_ action: String, _ body: (Session) throws -> R) throws -> R {
        guard let parent = port.parent, let hub = bus.device(at: parent.hub), hub.isHub else {
            throw PowerError(.unavailable, action: action, "there is no hub above USB \(port)")
        }
        do {
            let handle = try USBHandle(hub, on: bus)
            defer { handle.close() }
            return try body((handle, UInt8(parent.port), hub.speed >= 5_000_000))
        } catch let error as LinkError {
            throw PowerError(.unavailable, action: action, error.description)
        } catch let failure as USBFailure {
            if failure == .cancelled { throw CancellationError() }
            throw PowerError(
                failure == .timedOut ? .timeout : .unavailable, action: action,
                failure.linkError(hub, doing: "switching port \(parent.port)").description)
        }
    }
}
