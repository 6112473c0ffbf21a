extension LinePCFacts {
    /// Groups serial devices by the 12 Mbit/s that they share.
    ///
    /// A full-speed device below a high-speed hub uses the hub's transaction translator: with one translator all ports
    /// share 12 Mbit/s, with one for each port they do not (USB 2.0, 11.14). Hubs that are full-speed themselves share it
    /// in any case. On a port of the root hub a device has its own.
    static func sharedHubs(in tree: USBTopology) -> [SharedHub] {
        var groups: [Domain: Set<USBPortPath>] = [:]
        for device in tree.boards where tree.ports.contains(where: { $0.device == device }) {
            guard let path = device.portPath, (device.speed ?? 12) <= 12, let domain = domain(of: device, in: tree)
            else { continue }
            groups[domain, default: []].insert(path)
        }
        return groups.filter { $0.value.count > 1 }.map { domain, members in
            SharedHub(
                hub: domain.hub, bus: domain.bus, isFullSpeed: domain.isFullSpeed, members: members.sorted())
        }.sorted { $0.members[0] < $1.members[0] }
    }

    /// Serial devices and hubs above them that may be suspended; root hubs do not matter.
    static func autosuspended(in tree: USBTopology) -> [USBPortPath] {
        let serial = tree.ports.map(\.device)
        let all = Set(serial + serial.flatMap(tree.hubs))
        return all.filter(\.isAutosuspended).compactMap(\.portPath).sorted()
    }

    private struct Domain: Hashable {
        let bus: Int
        let hub: USBPortPath?
        let isFullSpeed: Bool
    }

    /// The hub whose 12 Mbit/s a full-speed device shares with others; nil where it has its own.
    private static func domain(of device: USBDevice, in tree: USBTopology) -> Domain? {
        var slow: USBDevice?
        for hub in tree.hubs(above: device) {
            if (hub.speed ?? 480) <= 12 {
                slow = hub
            } else if hub.deviceProtocol == 1, hub.portPath != nil {
                return Domain(bus: hub.bus, hub: hub.portPath, isFullSpeed: false)
            } else {
                break
            }
        }
        return slow.map { Domain(bus: $0.bus, hub: $0.portPath, isFullSpeed: true) }
    }
}
