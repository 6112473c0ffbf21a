import Glibc

/// What a port watch knows: every port's node, its permissions and its place. Gives the changes from one look to the next.
struct PortInventory {
    /// What is told apart of one node.
    struct Entry: Hashable {
        let portPath: USBPortPath?
        let deviceNumber: Int?
        /// Mode, owner and group.
        let permissions: [UInt32]

        func isSameDevice(as other: Entry) -> Bool {
            portPath == other.portPath && deviceNumber == other.deviceNumber
        }
    }

    let roots: PortRoots
    private var entries: [String: Entry] = [:]
    /// Nodes that stayed when their device went, as in a container with a fixed `/dev`.
    private var abandoned: Set<String> = []

    init(roots: PortRoots) { self.roots = roots }

    /// Whether a name in the folder of nodes may be a USB serial port.
    static func isPort(_ name: String) -> Bool { name.hasPrefix("ttyUSB") || name.hasPrefix("ttyACM") }

    /// Looks at everything.
    mutating func scan() -> [PortChange] {
        let topology = USBTopology.read(roots)
        let ports = Dictionary(topology.ports.map { ($0.tty, $0) }) { first, _ in first }
        let names = Set(FileText.names(in: roots.dev).filter(Self.isPort)).union(ports.keys)
        var found: [String: Entry] = [:]
        for name in names {
            let path = "\(roots.dev)/\(name)"
            found[path] = Self.entry(path, ports[name])
        }
        for name in FileText.names(in: roots.byPathFolder) {
            let path = "\(roots.byPathFolder)/\(name)"
            let target = FileText.resolved(path).map(FileText.last) ?? ""
            found[path] = Self.entry(path, ports[target])
        }
        for device in topology.bareDevices where device.portPath != nil {
            let path = "\(roots.dev)/\(device.node)"
            found[path] = Entry(
                portPath: device.portPath, deviceNumber: device.number, permissions: Self.permissions(path) ?? [])
        }
        let paths = Set(found.keys).union(entries.keys).union(abandoned)
        return paths.sorted().flatMap { update($0, found[$0]) }
    }

    /// Looks at one node after an event.
    mutating func look(at path: String) -> [PortChange] {
        let tty = FileText.resolved(path).map(FileText.last) ?? FileText.last(path)
        return update(path, Self.entry(path, USBTreeReader(sys: roots.sys).port(named: tty)))
    }

    /// What happened to `path`, given how it is found now.
    private mutating func update(_ path: String, _ found: Entry?) -> [PortChange] {
        guard let now = found else {
            abandoned.remove(path)
            guard let before = entries.removeValue(forKey: path) else { return [] }
            return [PortChange(.disappeared, path: path, portPath: before.portPath)]
        }
        if now.portPath != nil { abandoned.remove(path) }
        guard !abandoned.contains(path) else { return [] }
        guard let before = entries[path] else {
            entries[path] = now
            return [PortChange(.appeared, path: path, portPath: now.portPath)]
        }
        if before.portPath != nil, now.portPath == nil {
            entries[path] = nil
            abandoned.insert(path)
            return [PortChange(.disappeared, path: path, portPath: before.portPath)]
        }
        guard now.isSameDevice(as: before) else {
            entries[path] = now
            return [
                PortChange(.disappeared, path: path, portPath: before.portPath),
                PortChange(.appeared, path: path, portPath: now.portPath),
            ]
        }
        guard now.permissions != before.permissions else { return [] }
        entries[path] = now
        return [PortChange(.permissionsChanged, path: path, portPath: before.portPath)]
    }

    /// Looks at every node and link again, as after lost events, without going through the USB tree.
    mutating func lookAtAll() -> [PortChange] {
        let nodes = FileText.names(in: roots.dev).filter(Self.isPort).map { "\(roots.dev)/\($0)" }
        let links = FileText.names(in: roots.byPathFolder).map { "\(roots.byPathFolder)/\($0)" }
        let known = entries.keys.filter { !$0.hasPrefix("\(roots.dev)/bus/") }
        return Set(nodes + links + known).sorted().flatMap { look(at: $0) }
    }

    /// Nil where the node is not there.
    private static func entry(_ path: String, _ port: USBSerialPort?) -> Entry? {
        permissions(path).map {
            Entry(portPath: port?.portPath, deviceNumber: port?.device.number, permissions: $0)
        }
    }

    /// Mode, owner and group; nil where the node is not there.
    private static func permissions(_ path: String) -> [UInt32]? {
        var status = stat()
        return stat(path, &status) == 0 ? [status.st_mode, status.st_uid, status.st_gid] : nil
    }
}
