import Bench

/// The doctor's look at the line PC's USB side: udev rules, the account's group, programs that open ports by themselves,
/// shared bandwidth, latency timers, autosuspend.
///
/// No port is opened.
struct DoctorLinePC {
    let facts: LinePCFacts
    /// The fastest rate of any slot, bits a second.
    let maxBaud: Int

    /// Reads this machine. Slots that are all reached over TCP need none of it.
    static func examine(_ slots: [StationConfiguration.Slot]) -> [DoctorFinding] {
        guard slots.contains(where: { HostPort(socketURL: $0.port) == nil }) else { return [] }
        let maxBaud = slots.map(\.maxBaud).max() ?? SlotReader.standardBaud
        return DoctorLinePC(facts: .read(), maxBaud: maxBaud).findings
    }

    var findings: [DoctorFinding] {
        [rules, group, modemManager, brltty] + hubs + latency + [autosuspend]
    }

    private var rules: DoctorFinding {
        let (check, expected) = ("udev rules", "\(LinePCFacts.rulesFile) in /etc/udev/rules.d")
        guard let file = facts.rules else {
            return .warning(
                check, expected: expected, seen: "not there",
                next:
                    "copy Station/udev/\(LinePCFacts.rulesFile) there, then: udevadm control --reload; udevadm trigger")
        }
        guard facts.isUdevRunning else {
            return .warning(
                check, expected: "\(file) in effect", seen: "udevd does not run: rules take no effect",
                next: "start systemd-udevd; in a container, install the rules on its host")
        }
        return .ok(check, expected: expected, seen: file)
    }

    private var group: DoctorFinding {
        let (check, group) = ("serial ports' group", LinePCFacts.group)
        let expected = "the account is in group \(group)"
        if facts.account.groups.contains(group) { return .ok(check, expected: expected, seen: "it is") }
        if facts.account.isRoot {
            return .warning(
                check, expected: expected, seen: "root, which may open every port",
                next: "run the station as an account of its own in group \(group)")
        }
        // Another distribution may have another group; what a port really wants is checked slot by slot.
        return .warning(
            check, expected: expected, seen: "it is not",
            next: "sudo usermod -aG \(group) ACCOUNT, then sign in again or restart the service")
    }

    private var modemManager: DoctorFinding {
        let check = "ModemManager"
        guard facts.isModemManagerRunning else { return .ok(check, expected: "not running", seen: "not running") }
        if facts.rules != nil, facts.isUdevRunning {
            return .ok(check, expected: "not running, or told to keep off", seen: "running; the udev rules keep it off")
        }
        return .warning(
            check, expected: "not running", seen: "running: it opens new serial ports and resets boards",
            next: "systemctl mask --now ModemManager, or install the station's udev rules")
    }

    private var brltty: DoctorFinding {
        let (check, next) = ("brltty", "apt-get remove brltty")
        if facts.isBrlttyRunning {
            return .warning(
                check, expected: "not installed",
                seen: "running: it takes CH340 and CP210x bridges for Braille displays",
                next: next)
        }
        if facts.isBrlttyInstalled {
            return .warning(
                check, expected: "not installed",
                seen: "installed: it starts when a CH340 or CP210x bridge is plugged in and takes it", next: next)
        }
        return .ok(check, expected: "not installed", seen: "not installed")
    }

    private var hubs: [DoctorFinding] {
        facts.sharedHubs.map { hub in
            let place = hub.hub.map { "at USB port \($0)" } ?? "of bus \(hub.bus)"
            let kind = hub.isFullSpeed ? "full-speed hub" : "hub with a single transaction translator"
            let check = "USB hub \(hub.hub?.description ?? "bus \(hub.bus)")"
            let seen = "\(hub.members.count) serial devices share 12 Mbit/s behind the \(kind) \(place)"
            let expected = "what the devices behind a hub need at \(maxBaud) baud fits it"
            guard !hub.carries(baud: maxBaud) else { return .ok(check, expected: expected, seen: seen) }
            let rate = hub.highestBaud.map { "or set max_baud to \($0) there" } ?? "or spread the boards over more hubs"
            return .warning(
                check, expected: expected, seen: seen,
                next: "use a hub with a translator for each port (multi-TT), \(rate)")
        }
    }

    private var latency: [DoctorFinding] {
        facts.slowTimers.map { timer in
            .warning(
                "\(timer.tty) latency", expected: "latency_timer of 1 ms", seen: "\(timer.milliseconds) ms",
                next: "echo 1 > \(timer.file), for good by the station's udev rules: flashing gets faster")
        }
    }

    private var autosuspend: DoctorFinding {
        let (check, expected) = ("USB autosuspend", "off for serial devices and the hubs above them")
        guard !facts.autosuspended.isEmpty else { return .ok(check, expected: expected, seen: "off") }
        let list = facts.autosuspended.map(\.description).joined(separator: ", ")
        return .warning(
            check, expected: expected, seen: "on at USB port \(list)",
            next: "install the station's udev rules, or write on to /sys/bus/usb/devices/PORT/power/control")
    }
}
