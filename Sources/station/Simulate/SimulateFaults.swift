import ArgumentParser
import Simulation

/// `station simulate faults`: the faults of a running stand-in.
struct SimulateFaults: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "faults", abstract: "Set faults of the cloud stand-in; what is not named stays as it is.")

    @Option(help: "Ready file of the running stand-in.")
    var readyFile: String

    @Option(help: "Delay before each HTTP answer and each CONNACK, 0…60000 ms.")
    var latencyMs: Int?

    @Option(help: "Share of HTTP requests answered 503 without effect, 0…1.")
    var errorRate: Double?

    @Option(help: "Share of HTTP requests carried out and then answered 503, 0…1.")
    var lostReplyRate: Double?

    @Option(help: "Share of OpenAPI calls answered Throttling.User, 0…1.")
    var throttleRate: Double?

    @Option(help: "Share of MQTT connections cut before or right after CONNACK, 0…1.")
    var dropMqttRate: Double?

    @Option(help: "Seconds from now in which everything is refused; 0 ends an outage.")
    var outage: Double?

    @Option(
        help: ArgumentHelp(
            "A fault of one kind of calls, in place of all that were set; `none` takes all back. CALL is an action of the "
                + "OpenAPI, register-https, register-mqtt, connect-mqtt or *; FAULT is one of "
                + "\(CloudFault.allCases.map(\.rawValue).joined(separator: ", ")); N = only the next N calls.",
            valueName: "CALL=FAULT[*N]"))
    var call: [String] = []

    private var calls: [String: CallFault]? {
        get throws {
            guard !call.isEmpty else { return nil }
            var found: [String: CallFault] = [:]
            for text in call where text != "none" {
                let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
                guard parts.count == 2, let fault = CallFault(parts[1]) else {
                    throw ValidationError("--call \(text): expected CALL=FAULT or CALL=FAULT*N with a known fault")
                }
                found[parts[0]] = fault
            }
            return found
        }
    }

    private var settings: FaultSettings {
        get throws {
            FaultSettings(
                latencyMilliseconds: latencyMs, errorRate: errorRate, lostReplyRate: lostReplyRate,
                throttleRate: throttleRate, dropMQTTRate: dropMqttRate, outageSeconds: outage,
                calls: try calls)
        }
    }

    func validate() throws {
        let settings = try settings
        guard settings.problems.isEmpty else { throw ValidationError(settings.problems.joined(separator: "\n")) }
    }

    func run() async throws {
        let now = try await CloudAdmin(ReadyFile.read(from: readyFile)).set(settings)
        print("latency \(now.latencyMilliseconds ?? 0) ms")
        print("error rate \(now.errorRate ?? 0)")
        print("lost-reply rate \(now.lostReplyRate ?? 0)")
        print("throttle rate \(now.throttleRate ?? 0)")
        print("drop-mqtt rate \(now.dropMQTTRate ?? 0)")
        print("outage \(Int((now.outageSeconds ?? 0).rounded())) s left")
        for (call, fault) in (now.calls ?? [:]).sorted(by: { $0.key < $1.key }) { print("\(call): \(fault)") }
    }
}
