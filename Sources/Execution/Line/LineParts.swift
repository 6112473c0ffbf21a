import AliyunIoT
import Bench
import Journal

/// What every run on the line shares.
struct LineParts: Sendable {
    let settings: LineSettings
    let journal: Journal
    let releases: ReleaseStore
    let desk: CloudDesk
    let gate: OrderGate
    let events: LineEvents
    /// One poller for all slots.
    let states: StatePoller
    let connects: ConnectDesk
    /// The line's access point, and the joins that failed.
    let networks: NetworkWatch
    /// Where boards are plugged in.
    let ports: PortDesk
    let health: HealthDesk
}
