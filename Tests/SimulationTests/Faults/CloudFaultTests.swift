import AliyunIoT
import Foundation
import NIOCore
import NIOPosix
import Testing

@testable import Simulation

@Suite("Every call to the cloud under every fault of the cloud and of the way to it")
struct CloudFaultTests {
    /// For one attempt; ample, so that a request that gets through has arrived before it, on a busy machine too.
    private static let deadline = Duration.seconds(20)

    /// For a call with its repetitions: as ample where the cloud carries it out.
    private static func within(_ isCarriedOut: Bool) -> Duration { isCarriedOut ? deadline : .seconds(5) }

    /// Checks what a fault made of the calls, and that they go on when it is over.
    /// - Parameters:
    ///   - isCarriedOut: whether the fault lets calls take effect, at once or late.
    ///   - startFault: sets the fault.
    ///   - endFault: takes it back.
    private static func check(
        _ bed: FaultBed, over cloud: Cloud, isCarriedOut: Bool,
        startFault: () async throws -> Void, endFault: () async throws -> Void
    ) async throws {
        let admin = try bed.cloud.admin
        let before = try await admin.calls()
        try await startFault()
        let calls = FaultyCall.all
        let troubled = await bed.endings(of: calls, over: cloud, deadline: deadline)
        try await endFault()
        func carriedOut(_ name: String) async throws -> Int {
            try await admin.calls()[name, default: 0] - before[name, default: 0]
        }
        for (call, ending) in troubled {
            let kinds = calls.count { $0.name == call.name }
            if isCarriedOut {
                #expect(
                    try await bed.cloud.eventually { try await carriedOut(call.name) >= kinds },
                    "\(call.label) was not carried out")
            }
            let times = try await carriedOut(call.name)
            if !isCarriedOut { #expect(times == 0, "\(call.label) was carried out") }
            if call.isWrite { #expect(times <= kinds, "\(call.label) was made \(times) times") }
            guard let ending else {
                Issue.record("\(call.label) went well under the fault")
                continue
            }
            #expect(ending.isTrouble, "\(call.label): \(ending)")
            #expect(!ending.hadNoEffect || times == 0, "\(call.label) was carried out: \(ending)")
        }
        var patient = bed
        patient.within = .seconds(60)
        for (call, ending) in await patient.endings(of: calls, over: cloud, deadline: .seconds(30)) {
            // What was carried out under the fault is answered as such: already there, or no longer.
            #expect(ending?.isTrouble != true, "\(call.label) afterwards: \(ending.map(\.description) ?? "")")
        }
    }

    @Test(
        "a fault of the cloud is told as trouble, a write is never repeated blindly, and every call goes on afterwards",
        .timeLimit(.minutes(5)), arguments: CloudFault.allCases)
    func cloud(_ fault: CloudFault) async throws {
        try await RunningCloud.with { cloud in
            let isCarriedOut = fault.isCarriedOut || fault == .lateCall
            let bed = try await FaultBed(cloud, within: Self.within(isCarriedOut))
            let admin = try cloud.admin
            try await Self.check(
                bed, over: cloud.cloud(), isCarriedOut: isCarriedOut,
                startFault: { try await admin.set(fault) }, endFault: { try await admin.takeBackCallFaults() })
        }
    }

    @Test(
        "a fault of the way to the cloud likewise, TLS and TCP included", .timeLimit(.minutes(5)),
        arguments: WireFault.allCases)
    func wire(_ fault: WireFault) async throws {
        try await withTemporaryFolder { folder in
            try await RunningCloud.with { cloud in
                let bed = try await FaultBed(cloud, within: Self.within(fault.isCarriedOut))
                let pki = URL(fileURLWithPath: cloud.ready.caFile ?? "").deletingLastPathComponent().path
                let certificates = try await NIOThreadPool.singleton.runIfActive {
                    try WireCertificates(for: [fault], pki: pki, strangers: folder + "/strangers")
                }
                let gates = try [cloud.ready.openapiTLS, cloud.ready.registration, cloud.ready.mqttTLS].map { door in
                    try WireGate(to: (door ?? "").replacing("https://", with: ""), certificates: certificates)
                }
                let behind = try Cloud(
                    openAPI: "https://127.0.0.1:\(gates[0].port)", registration: "https://127.0.0.1:\(gates[1].port)",
                    mqttHost: "127.0.0.1", mqttPort: gates[2].port, caFile: cloud.ready.caFile)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for gate in gates { group.addTask { try await gate.run() } }
                    defer { group.cancelAll() }
                    try await Self.check(
                        bed, over: behind, isCarriedOut: fault.isCarriedOut,
                        startFault: { for gate in gates { try await gate.set(fault) } },
                        endFault: { for gate in gates { try await gate.set(nil) } })
                }
            }
        }
    }

    @Test("no action of the OpenAPI client is left out")
    func everyCall() throws {
        let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "../../../Sources/AliyunIoT"
        ).standardizedFileURL
        let files = try FileManager.default.subpathsOfDirectory(atPath: sources.path).filter { $0.hasSuffix(".swift") }
        let text = try files.map { try String(contentsOfFile: sources.path + "/" + $0, encoding: .utf8) }.joined()
        let actions = text.matches(of: #/(?:OpenAPICall|change)\(\s*"(?<action>[A-Za-z]+)"/#).map {
            String($0.output.action)
        }
        #expect(Set(actions).subtracting(FaultyCall.all.map(\.name)) == [])
        #expect(Set(actions).count == FaultyCall.all.count { $0.name.first?.isUppercase == true })
    }

    @Test("a name that is not known is trouble, and nothing has been carried out")
    func name() async throws {
        try await RunningCloud.with { cloud in
            let bed = try await FaultBed(cloud, within: .seconds(5))
            let nowhere = try Cloud(
                openAPI: "https://iot.invalid", registration: "https://iot-auth.invalid", mqttHost: "mqtt.invalid",
                mqttPort: 8883, caFile: cloud.ready.caFile)
            for (call, ending) in await bed.endings(of: FaultyCall.all, over: nowhere, deadline: .seconds(20)) {
                #expect(ending?.isTrouble == true, "\(call.label): \(ending.map(\.description) ?? "went well")")
            }
        }
    }
}
