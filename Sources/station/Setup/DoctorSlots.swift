import Bench
import Foundation
import NIOCore
import NIOPosix
import Provisioning

/// The doctor's look at the slots: their ports, who else uses them, and how boards are reset.
///
/// No serial port is opened: opening one moves DTR and RTS, which resets many boards.
struct DoctorSlots {
    let slots: [StationConfiguration.Slot]
    let isDaemonRunning: Bool

    func examine(into report: inout DoctorReport) async {
        for slot in slots {
            report.findings.append(await port(slot))
            report.findings.append(await control(slot))
        }
    }

    // MARK: - Ports

    private func port(_ slot: StationConfiguration.Slot) async -> DoctorFinding {
        let check = "slot \(slot.name) port"
        if let endpoint = HostPort(socketURL: slot.port) {
            // Many serial servers take one client only: the daemon's connection is left alone.
            if isDaemonRunning {
                return .ok(check, expected: "\(slot.port) reachable", seen: "left to the running daemon")
            }
            return await Self.reaches(endpoint, check: check, next: "check the serial server's power, network and port")
        }
        let expected = "\(slot.port), free, open to this account"
        let device: String
        do throws(LinkError) {
            device = try PortAddress(slot.port).devicePath() ?? slot.port
        } catch {
            guard error.code == .absent else {
                return .problem(
                    check, expected: expected, seen: error.sentence, next: "correct the slot's port, or map it again")
            }
            return .warning(
                check, expected: expected, seen: error.sentence,
                next: "nothing if it comes with the board and the slot is empty; else: station slot list")
        }
        guard access(device, F_OK) == 0 else {
            return .warning(
                check, expected: expected, seen: "the port is not there",
                next:
                    "nothing if it comes with the board and the slot is empty; else check cable, hub and the by-path name"
            )
        }
        guard access(device, R_OK | W_OK) == 0 else {
            let group = Self.group(of: device)
            return .problem(
                check, expected: expected,
                seen: "account \(NSUserName()) may not open it; it belongs to group \(group)",
                next: "sudo usermod -aG \(group) \(NSUserName()), then sign in again")
        }
        let holders = DoctorPortHolders(path: device).processes
        guard let other = holders.first(where: { !(isDaemonRunning && $0.name == "station") }) else {
            return .ok(check, expected: expected, seen: holders.isEmpty ? "free" : "used by the running daemon")
        }
        return .problem(
            check, expected: expected, seen: "in use by \(other.name) (process \(other.id))",
            next: "end that program; if it is a forgotten terminal, close it")
    }

    private static func group(of path: String) -> String {
        let attributes = try? FileManager.default.attributesOfItem(
            atPath: URL(fileURLWithPath: path).resolvingSymlinksInPath().path)
        return attributes?[.groupOwnerAccountName] as? String ?? "dialout"
    }

    /// Whether a TCP connection is accepted within three seconds.
    static func reaches(_ endpoint: HostPort, check: String, next: String) async -> DoctorFinding {
        let expected = "\(endpoint) accepts connections"
        do {
            let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connectTimeout(.seconds(3)).connect(host: endpoint.host, port: endpoint.port).get()
            try? await channel.close()
            return .ok(check, expected: expected, seen: "it does")
        } catch {
            return .problem(check, expected: expected, seen: "no connection: \(Self.reason(error))", next: next)
        }
    }

    /// Why a connection failed, in the system's words; the first address that was tried stands for all.
    private static func reason(_ error: any Error) -> String {
        guard let failure = error as? NIOConnectionError else { return "\(error)" }
        if let first = failure.connectionErrors.first {
            guard let system = first.error as? IOError else { return "\(first.error)" }
            return String(cString: strerror(system.errnoCode))
        }
        return (failure.dnsAError ?? failure.dnsAAAAError).map { _ in "the name \(failure.host) is not known" }
            ?? "\(error)"
    }

    // MARK: - Reset and power

    private func control(_ slot: StationConfiguration.Slot) async -> DoctorFinding {
        let check = "slot \(slot.name) control"
        switch slot.control {
        case .device(let text):
            return .ok(check, expected: text, seen: "tried when a board is reset")
        case .lines, .usbSerialJTAG, .sequences:
            let node = (try? PortAddress(slot.port).devicePath()) ?? slot.port
            let device = URL(fileURLWithPath: node).resolvingSymlinksInPath().path
            guard device.hasPrefix("/dev/pts/") else {
                return .ok(check, expected: "DTR and RTS of the port", seen: "tried when a board is reset")
            }
            return .warning(
                check, expected: "DTR and RTS of the port", seen: "\(device) is a pseudo terminal, which has none",
                next: "give the slot a control socket or command")
        case .command(let words):
            let program = words.first ?? ""
            let expected = "the program \(program)"
            guard let found = Self.program(program) else {
                return .problem(
                    check, expected: expected, seen: "not found, or this account may not run it",
                    next: "install it, or name its full path in the slot's control")
            }
            return .ok(check, expected: expected, seen: found)
        case .socket(let endpoint):
            return await fixture(endpoint, slot, check)
        }
    }

    private func fixture(_ endpoint: HostPort, _ slot: StationConfiguration.Slot, _ check: String) async
        -> DoctorFinding
    {
        let expected = "\(endpoint.socketURL) answers present? by yes or no"
        let next = "check the fixture's power and network, and the slot's control"
        do {
            let power = PowerController(.socket(host: endpoint.host, port: endpoint.port), slot: slot.name)
            switch try await power.isBoardPresent() {
            case true: return .ok(check, expected: expected, seen: "yes: a board is on it")
            case false: return .ok(check, expected: expected, seen: "no: it is empty")
            case nil:
                return .warning(
                    check, expected: expected, seen: "something else",
                    next: "nothing if the fixture cannot tell: boards are then found by their loader's answer")
            }
        } catch {
            return .problem(check, expected: expected, seen: "\(error)", next: next)
        }
    }

    /// Where a program is: its own path, or the first of that name in PATH.
    private static func program(_ name: String) -> String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        let places = name.contains("/") ? [name] : folders.map { "\($0)/\(name)" }
        return places.first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}
