import Locking

/// The faults of single kinds of calls, and how often each kind has been carried out.
final class CallFaults: Sendable {
    /// Kinds of calls that are no action of the OpenAPI.
    enum Other {
        static let registerHTTPS = "register-https"
        static let registerMQTT = "register-mqtt"
        static let connectMQTT = "connect-mqtt"
        /// Stands for every kind that has no fault of its own.
        static let any = "*"
    }

    /// The names under which faults can be set.
    static var names: Set<String> {
        Set(OpenAPIAction.catalogue.keys).union([
            Other.registerHTTPS, Other.registerMQTT, Other.connectMQTT, Other.any,
        ])
    }

    /// How long an answer is held where nobody takes the fault back.
    static let longestHold = Duration.seconds(60)

    private struct State {
        var faults: [String: CallFault] = [:]
        var counts: [String: Int] = [:]
        var settings = 0
    }

    private let state = Locked(State())

    /// Those that are set now, by the kind of call.
    var faults: [String: CallFault] { state.withLock { $0.faults } }

    /// How often each kind of call has been carried out.
    var counts: [String: Int] { state.withLock { $0.counts } }

    /// Sets these and takes back all others; held answers go out.
    func set(_ faults: [String: CallFault]) {
        state.withLock { state in
            state.faults = faults
            state.settings += 1
        }
    }

    /// Notes that a call has been carried out.
    func carriedOut(_ call: String) { state.withLock { $0.counts[call, default: 0] += 1 } }

    /// A fault that has met a call.
    struct Met: Sendable {
        let fault: CloudFault
        fileprivate let settings: Int
    }

    /// The fault that meets a call of this kind; it counts as used.
    func meet(_ call: String) -> Met? {
        state.withLock { state in
            guard let name = [call, Other.any].first(where: { state.faults[$0] != nil }),
                let found = state.faults[name]
            else { return nil }
            if let times = found.times {
                state.faults[name] = times > 1 ? CallFault(found.fault, times: times - 1) : nil
            }
            return Met(fault: found.fault, settings: state.settings)
        }
    }

    /// Waits until the faults are set anew, at most 60 s.
    func hold(_ met: Met) async {
        let end = ContinuousClock.now + Self.longestHold
        while state.withLock({ $0.settings == met.settings }), .now < end {
            do { try await Task.sleep(for: .milliseconds(10)) } catch { return }
        }
    }

    /// Answers a call over HTTP as its fault will have it.
    func answer(
        _ call: String, host: String, _ carryOut: () async -> WebAnswer
    ) async -> WebAnswer {
        guard let met = meet(call) else { return await carryOut() }
        func gateway(_ error: GatewayError) -> WebAnswer {
            error.answer(requestID: RandomText.requestID(), host: host)
        }
        switch met.fault {
        case .tooMany: return .page(429, "Too Many Requests")
        case .throttled: return gateway(.throttledUser)
        case .internalError: return .page(500, "Internal Server Error")
        case .unavailable: return gateway(.unavailable)
        case .closed: return WebAnswer(status: 503, .null).delivered(.closed)
        case .lateCall: await hold(met)
        default: break
        }
        let answer = await carryOut()
        switch met.fault {
        case .lostReply: return answer.delivered(.closed)
        case .reset: return answer.delivered(.reset)
        case .truncated: return answer.delivered(.halfway {})
        case .silence: return answer.delivered(.halfway { await self.hold(met) })
        case .lateReply: await hold(met)
        case .half:
            var half = answer
            half.body = String(answer.body.prefix(answer.body.count / 2))
            return half
        case .garbage: return .page(answer.status, "Welcome")
        default: break
        }
        return answer
    }
}

extension WebAnswer {
    /// A page as a proxy or gateway sends it.
    fileprivate static func page(_ status: Int, _ title: String) -> WebAnswer {
        var answer = WebAnswer(status: status, .null)
        answer.contentType = "text/html"
        answer.body = "<html><head><title>\(title)</title></head><body><h1>\(title)</h1></body></html>"
        return answer
    }

    fileprivate func delivered(_ way: Delivery) -> WebAnswer {
        var answer = self
        answer.delivery = way
        return answer
    }
}
