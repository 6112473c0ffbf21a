import Glibc

/// What a line PC must have right for its USB ports, read from sysfs, procfs and the folders of udev's rules.
///
/// Reading changes nothing and opens no port.
public struct LinePCFacts: Hashable, Sendable {
    /// Where the facts are read. Tests give folders of their own.
    public struct Places: Sendable {
        public var ports: PortRoots
        public var proc: String
        /// Folders of udev's rules, those that win first.
        public var udevRules: [String]
        /// Folders of programs.
        public var programs: [String]

        public init(ports: PortRoots, proc: String, udevRules: [String], programs: [String]) {
            self.ports = ports
            self.proc = proc
            self.udevRules = udevRules
            self.programs = programs
        }

        public static let system = Places(
            ports: .system, proc: "/proc",
            udevRules: ["/etc/udev/rules.d", "/run/udev/rules.d", "/usr/lib/udev/rules.d", "/lib/udev/rules.d"],
            programs: ["/usr/bin", "/usr/sbin", "/bin", "/sbin"])
    }

    /// The account the station runs as.
    public struct Account: Hashable, Sendable {
        public let isRoot: Bool
        /// Names of its groups in this session.
        public let groups: Set<String>

        public init(isRoot: Bool, groups: Set<String>) {
            self.isRoot = isRoot
            self.groups = groups
        }

        /// The account of this process.
        public static func current() -> Account {
            var ids = [gid_t](repeating: 0, count: Int(max(0, getgroups(0, nil))))
            let count = getgroups(Int32(ids.count), &ids)
            let all = ids.prefix(Int(max(0, count))) + [getegid()]
            let names = all.compactMap { id in getgrgid(id).map { String(cString: $0.pointee.gr_name) } }
            return Account(isRoot: geteuid() == 0, groups: Set(names))
        }
    }

    /// A serial port whose latency timer is too long.
    public struct SlowTimer: Hashable, Sendable {
        public let tty: String
        public let milliseconds: Int
        /// The file to write to.
        public let file: String
    }

    /// Bridges that share 12 Mbit/s.
    public struct SharedHub: Hashable, Sendable {
        /// The hub's place; nil for the root hub.
        public let hub: USBPortPath?
        public let bus: Int
        /// Whether the hub itself is full-speed; else it is a high-speed hub with one transaction translator.
        public let isFullSpeed: Bool
        /// The serial devices behind it.
        public let members: [USBPortPath]

        /// What is left of 12 Mbit/s for data, bytes a second: bulk transfers of 64-byte packets reach 1.0 to 1.2 MB/s.
        public static let usable = 1_000_000

        /// Whether all members can transfer in one direction at once at `baud` bits a second, ten bits a byte.
        public func carries(baud: Int) -> Bool { members.count * baud / 10 <= Self.usable }

        /// The highest usual rate at which all members can transfer at once; nil if not even 115200.
        public var highestBaud: Int? {
            [921_600, 460_800, 230_400, 115_200].first { carries(baud: $0) }
        }
    }

    /// Name of the station's udev rules file.
    public static let rulesFile = "60-provisioning-station.rules"
    /// The group that may open serial ports, as Debian has it and as the rules give it.
    public static let group = "dialout"

    /// Where the station's udev rules are; nil = nowhere.
    public let rules: String?
    /// Whether udevd runs, without which no rules take effect.
    public let isUdevRunning: Bool
    public let account: Account
    public let isModemManagerRunning: Bool
    /// Whether brltty takes ports: it runs, or its program or udev rules are there, which bind CH340 and CP210x bridges.
    public let isBrlttyRunning: Bool
    public let isBrlttyInstalled: Bool
    public let slowTimers: [SlowTimer]
    /// Only those with two or more members.
    public let sharedHubs: [SharedHub]
    /// Places of serial devices, and of hubs above them, that the kernel may suspend.
    public let autosuspended: [USBPortPath]

    /// Reads all of it.
    public static func read(_ places: Places = .system, account: Account = .current()) -> LinePCFacts {
        let tree = USBTopology.read(places.ports)
        let names = Set(processNames(places.proc))
        let rules = places.udevRules.flatMap { folder in FileText.names(in: folder).map { "\(folder)/\($0)" } }
        let hasBrltty =
            places.programs.contains { FileText.exists("\($0)/brltty") }
            || rules.contains { FileText.last($0).contains("brltty") }
        let timer = LatencyTimer(roots: places.ports)
        return LinePCFacts(
            rules: rules.first { FileText.last($0) == rulesFile },
            isUdevRunning: names.contains("systemd-udevd") || names.contains("udevd") || names.contains("eudevd"),
            account: account, isModemManagerRunning: names.contains("ModemManager"),
            isBrlttyRunning: names.contains("brltty"), isBrlttyInstalled: hasBrltty,
            slowTimers: tree.ports.compactMap { port in
                guard let milliseconds = timer.milliseconds(of: port.tty), milliseconds > 1 else { return nil }
                return SlowTimer(tty: port.tty, milliseconds: milliseconds, file: timer.file(of: port.tty))
            },
            sharedHubs: sharedHubs(in: tree), autosuspended: autosuspended(in: tree))
    }

    private static func processNames(_ proc: String) -> [String] {
        FileText.names(in: proc).filter { Int($0) != nil }.compactMap { FileText.read("\(proc)/\($0)/comm") }
    }
}
