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
    let labels: LabelScans
    let pace: OrderPace
    let shifts: ShiftDesk
    let conditions: ConditionWatch
    /// The MES, the andon, the label printer.
    let calls: LineCalls

    init(settings: LineSettings, journal: Journal, releases: ReleaseStore, desk: CloudDesk) {
        (self.settings, self.journal, self.releases, self.desk) = (settings, journal, releases, desk)
        events = LineEvents()
        gate = OrderGate(settings: settings, journal: journal, desk: desk, events: events)
        states = StatePoller(client: desk.api)
        connects = ConnectDesk()
        let accessPoint = AccessPointProbe(settings.network?.probe ?? .none)
        networks = NetworkWatch { await accessPoint.read() }
        ports = PortDesk(settings.slots, events: events)
        health = HealthDesk(dataFolder: settings.dataFolder)
        labels = LabelScans()
        pace = OrderPace(journal: journal, events: events, actor: settings.actor, now: settings.wallClock)
        shifts = ShiftDesk(
            calendar: settings.calendar, journal: journal, events: events, actor: settings.actor,
            now: settings.wallClock, onBegin: { [gate] in await gate.probeAgain() })
        conditions = ConditionWatch(settings: settings, journal: journal, desk: desk, networks: networks, gate: gate)
        calls = LineCalls(
            settings.calls, station: settings.stationID, journal: journal, actor: settings.actor, events: events)
    }
}
