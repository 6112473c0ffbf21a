public import Foundation

/// What the station itself found when it looked for the line's access point.
public struct AccessPointReading: Sendable, Equatable {
    public enum State: Sendable, Equatable {
        case reachable
        /// Why not, as a sentence.
        case unreachable(String)
        /// Nothing is known, and why: nothing was asked, or the probe itself could not be made.
        case unknown(String)
    }

    public let state: State
    /// For people; rules use ``instant``.
    public let time: Date
    public let instant: ContinuousClock.Instant

    public init(_ state: State, time: Date = Date(), instant: ContinuousClock.Instant = .now) {
        self.state = state
        self.time = time
        self.instant = instant
    }
}

/// Looks for the access point that the boards of the line join, by the station's own means, so that network trouble is
/// told from board trouble. Never fails: what it cannot find is unreachable.
public actor AccessPointProbe {
    /// How the access point is looked for.
    public enum Kind: Sendable, Equatable {
        /// Not at all.
        case none
        /// A TCP connection to something behind it, closed at once.
        case tcp(host: String, port: Int)
        /// A program, which says by exit status 0 that the access point is there.
        case command([String])
    }

    public nonisolated let kind: Kind
    private nonisolated let limit: Duration
    private let thread = SlotThread(name: "access point")

    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.unownedExecutor }

    /// - Parameter limit: an answer must come within this time.
    public init(_ kind: Kind, within limit: Duration = .seconds(3)) {
        self.kind = kind
        self.limit = limit
    }

    /// Looks once.
    public func read() async -> AccessPointReading {
        switch kind {
        case .none: return AccessPointReading(.unknown("no probe is set"))
        case .tcp(let host, let port):
            do {
                let link = try SocketLink(host: host, tcpPort: port, baud: 0, deadline: .now + limit)
                link.close()
                return AccessPointReading(.reachable)
            } catch {
                return error.code == .cancelled
                    ? AccessPointReading(.unknown("cancelled")) : AccessPointReading(.unreachable(error.description))
            }
        case .command(let words): return AccessPointReading(await run(words))
        }
    }

    private func run(_ words: [String]) async -> AccessPointReading.State {
        guard let program = words.first else { return .unknown("the probe's command is empty") }
        do {
            let path = try ToolIdentity.find(program)
            let outcome = try await ToolRunner().run(path, Array(words.dropFirst()), within: limit)
            let last = outcome.tail.last.map { ": \($0.prefix(160))" } ?? ""
            return switch outcome.ending {
            case .exited(0): .reachable
            case .exited(let status): .unreachable("\(program) ended with status \(status), expected 0\(last)")
            case .signalled(let number): .unreachable("\(program) was ended by signal \(number)\(last)")
            case .timedOut: .unreachable("\(program) did not end within \(limit) and was stopped")
            }
        } catch let error as ToolError {
            return .unknown("the probe cannot be made: \(error.sentence)")
        } catch {
            return .unknown("the probe cannot be made: \(error)")
        }
    }
}
