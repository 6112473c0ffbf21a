import Locking
import Simulation
import Testing

@testable import Bench

extension SMPBed {
    /// Writes and verifies a region as the station does; returns whether something was sent again, and the events.
    static func flash(
        _ region: FlashRegion, with loader: SMPLoader
    ) throws -> (resent: Bool, events: [FlashEvent]) {
        let events = Locked<[FlashEvent]>([])
        func note(_ event: FlashEvent) { events.withLock { $0.append(event) } }
        _ = try loader.prepareFlash(end: 0)
        let resent = try loader.write(region, onEvent: note)
        try loader.verify(region, onEvent: note)
        return (resent, events.withLock { $0 })
    }

    static func failure(_ body: () throws -> Void) throws -> LoaderError {
        try #require(throws: LoaderError.self) { try body() }
    }
}
