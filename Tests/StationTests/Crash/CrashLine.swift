import AliyunIoT
import Execution
import Foundation
import Journal
import Locking
import Provisioning
import Simulation

@testable import station

/// A line on which one thing is done again and again, each time with another board, and cut off at another place.
struct CrashLine: Sendable {
    let bed: StationBed
    let journal: CrashJournal
    let cloud: ReconcileFloor
    /// Names that the cloud may know although no board was claimed under them.
    let others = Locked<Set<String>>([])
    /// What a board's preparation leaves for what follows, by a name of its own.
    let notes = Locked<[String: String]>([:])
    /// The runs whose end the plant was told, as often as it was.
    let plantRuns = Locked<[Int64]>([])

    /// How a process that was begun came to its end.
    enum Ending: Equatable, Sendable {
        /// At its cut point.
        case cut
        /// By itself, or told to, with this status.
        case ended(Int32)
    }

    /// What a process is told about places.
    enum Places: Sendable {
        case none
        case logged(String)
        case cut(String)

        var environment: [String: String] {
            switch self {
            case .none: [:]
            case .logged(let file): ["STATION_CUT_LOG": file]
            case .cut(let place): ["STATION_CUT": place]
            }
        }
    }

    static let probeName = CloudDesk.probeName

    // MARK: - Doing

    /// Runs `serve` until `isOver` says so, then tells it to stop; or until it is cut off.
    func serve(_ places: Places, until isOver: @escaping @Sendable () async throws -> Bool) async throws -> Ending {
        let status = try await Program.station.life(
            ["serve", "--config", bed.configuration], environment: places.environment, log: bed.folder + "/serve.log"
        ) {
            _ = try await eventually("the end of what serve is to do", within: .seconds(300)) {
                try await isOver() ? true : nil
            }
        }
        switch status {
        case .signaled(SIGKILL): return .cut
        case .signaled(let signal): throw TestTrouble("serve was ended by signal \(signal)")
        case .exited(let code): return .ended(code)
        }
    }

    /// Runs `serve` until a run has ended by itself.
    func serveOneRun(_ places: Places) async throws -> Ending {
        let start = try await journal.end()
        return try await serve(places) {
            try await journal.records(after: start).contains {
                $0.kind == "run.concluded" && $0.body["outcome"].string != "interrupted"
            }
        }
    }

    /// Runs a command to its end.
    /// - Parameters:
    ///   - statuses: exit statuses with which it has done its work.
    ///   - refusals: what it says, in any status, where an attempt before had done the work.
    func command(
        _ arguments: [String], input: String = "", _ places: Places = .none, statuses: Set<Int32> = [0],
        refusals: [String] = []
    ) async throws -> Ending {
        let ended = try await Program.station.run(arguments, input: input, environment: places.environment)
        if ended.signal == SIGKILL { return .cut }
        let isRefused = refusals.contains { ended.error.contains($0) }
        guard let code = ended.code, statuses.contains(code) || isRefused else {
            throw TestTrouble(
                "\(arguments.joined(separator: " ")): \(ended.status): \(ended.error.suffix(800))\(ended.output.suffix(800))"
            )
        }
        return .ended(0)
    }

    /// Puts a board on the slot, in place of the one there.
    func place(_ board: Int) async throws {
        let hand = try FixtureClient(bed.control)
        // An empty slot has nothing to be taken off.
        try? await hand.remove()
        try await hand.place(board)
    }

    /// Runs a fresh board to its pass, uncut.
    func pass(_ board: Int) async throws {
        try await place(board)
        _ = try await serveOneRun(.none)
    }

    /// Deletes the probe name, so that the next start has to make it.
    func forgetProbe() async throws {
        guard let probe = try await cloud.device(Self.probeName) else { return }
        try await cloud.api.deleteDevice(iotID: probe.iotID)
    }

    /// Turns the product's switch.
    func turnSwitch(on: Bool) async throws { try await cloud.admin.turnSwitch(product: bed.productKey, on: on) }

    /// A draft order of the bed's product.
    func order(quota: Int) async throws -> String {
        try await bed.station(
            "order", "create", "--product", bed.productKey, "--release", StationBed.version, "--profile",
            bed.ways.profile, "--quota", "\(quota)", arguments: bed.ways.orderOptions)
    }

    func note(_ name: String, _ board: Int, _ value: String) { notes.withLock { $0["\(name) \(board)"] = value } }

    func noted(_ name: String, _ board: Int) -> String { notes.withLock { $0["\(name) \(board)"] } ?? "" }
}
