import Locking

/// Devices that need no further look, by IotId.
final class SettledDevices: Sendable {
    private let known = Locked<Set<String>>([])

    func isNew(_ iotID: String) -> Bool { known.withLock { !$0.contains(iotID) } }
    func note(_ iotID: String) { known.withLock { _ = $0.insert(iotID) } }
}
