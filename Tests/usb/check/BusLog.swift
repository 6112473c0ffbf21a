import Bench
import Locking

/// Notes what the bus tells of its changes, as `+1-2` and `-1-2`.
final class BusLog: Sendable {
    private let entries = Locked<[String]>([])
    private let reader = Locked<Task<Void, Never>?>(nil)

    init(_ bus: USBBus) {
        let changes = bus.changes()
        let task = Task { [weak self] in
            for await change in changes {
                let entry =
                    switch change {
                    case .attached(let device): "+\(device.port)"
                    case .detached(let device): "-\(device.port)"
                    }
                self?.entries.withLock { $0.append(entry) }
            }
        }
        reader.withLock { $0 = task }
    }

    deinit { reader.withLock { $0?.cancel() } }

    /// What was told so far.
    var all: [String] { entries.withLock { $0 } }
}
