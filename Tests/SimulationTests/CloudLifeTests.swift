import AliyunIoT
import AsyncHTTPClient
import Foundation
import MQTT
import NIOCore
import NIOHTTP1
import NIOPosix
import Provisioning
import Simulation
import Subprocess
import Testing

@Suite("Cloud stand-in: faults, state, TLS and end")
struct CloudLifeTests {
    private let key = RunningCloud.productKey

    @Test("faults answer as the platform's gateway does, and can be taken back")
    func faults() async throws {
        try await RunningCloud.with { cloud async throws in
            try await cloud.create("unit-0001")
            let admin = try cloud.admin
            try await admin.set(FaultSettings(errorRate: 1))
            let failed = try await cloud.call("QueryProduct", ["ProductKey": key])
            #expect((failed.status, failed.code) == (503, "ServiceUnavailable"))
            #expect(try await cloud.register("unit-0001").status == 503)
            try await admin.set(FaultSettings(errorRate: 0, throttleRate: 1))
            let throttled = try await cloud.call("QueryProduct", ["ProductKey": key])
            #expect((throttled.status, throttled.code) == (400, "Throttling.User"))
            #expect(try await cloud.register("unit-0001").json["code"] as? Int == 200)
            try await admin.set(FaultSettings(lostReplyRate: 1, throttleRate: 0))
            #expect(
                try await cloud.call("RegisterDevice", ["ProductKey": key, "DeviceName": "unit-0002"]).status == 503)
            let now = try await admin.set(FaultSettings(latencyMilliseconds: 1, lostReplyRate: 0, dropMQTTRate: 1))
            #expect(now.latencyMilliseconds == 1 && now.errorRate == 0 && now.dropMQTTRate == 1)
            // The lost reply's device is there.
            #expect(try await cloud.detail("unit-0002")["Status"] as? String == "UNACTIVE")
            #expect(try await RawConnect.registration("unit-0001").code(cloud) <= 0)
            try await admin.set(FaultSettings(dropMQTTRate: 0))
            let secret = try await cloud.secret(of: "unit-0001")
            #expect(try await RawConnect.device("unit-0001", secret: secret).code(cloud) == 0)
            let error = await #expect(throws: CloudStandInError.self) {
                try await admin.set(FaultSettings(errorRate: 2))
            }
            #expect(error?.sentence.contains("error_rate is 2.0: allowed is 0.0…1.0") == true)
        }
    }

    @Test("an outage refuses everything, closes live connections, and ends")
    func outage() async throws {
        try await RunningCloud.with { cloud async throws in
            try await cloud.create("unit-0001")
            let secret = try await cloud.secret(of: "unit-0001")
            let admin = try cloud.admin
            try await RawConnect.device("unit-0001", secret: secret).open(cloud) { connection async throws in
                try await admin.set(FaultSettings(outageSeconds: 3600))
                for await _ in connection.messages {}
            }
            #expect(try await cloud.call("QueryProduct", ["ProductKey": key]).status == 503)
            #expect(try await cloud.register("unit-0001").status == 503)
            #expect(try await RawConnect.device("unit-0001", secret: secret).code(cloud) == -1)
            try await admin.set(FaultSettings(outageSeconds: 0))
            #expect(try await cloud.call("QueryProduct", ["ProductKey": key]).status == 200)
            #expect(try await RawConnect.device("unit-0001", secret: secret).code(cloud) == 0)
        }
    }

    @Test("an outage can begin at start and ends by itself")
    func outageAtStart() async throws {
        try await RunningCloud.with(RunningCloud.configuration { $0.outageSeconds = 1 }) { cloud async throws in
            #expect(try await cloud.call("QueryProduct", ["ProductKey": key]).status == 503)
            #expect(
                try await cloud.eventually { try await cloud.call("QueryProduct", ["ProductKey": key]).status == 200 })
        }
    }

    @Test("devices, activation, switch and CA outlive a restart, and every secret ever issued is listed")
    func restart() async throws {
        try await withTemporaryFolder { folder in
            var configuration = RunningCloud.configuration {
                $0.stateFile = folder + "/cloud/state.json"
                $0.secretsFile = folder + "/cloud/secrets.json"
            }
            configuration.pki.directory = folder + "/cloud/pki"
            configuration.pki.names = ["cloud.test"]
            let before = try await RunningCloud.with(configuration) { cloud async throws in
                let iotID = try await cloud.create("unit-0001")
                let shown = try await cloud.detail("unit-0001")["DeviceSecret"] as? String ?? ""
                let first = try await cloud.secret(of: "unit-0001")
                let second = try await cloud.secret(of: "unit-0001")
                #expect(try await RawConnect.device("unit-0001", secret: second).code(cloud) == 0)
                try await cloud.admin.turnSwitch(product: key, on: false)
                let detail = try await cloud.detail("unit-0001")
                // Whoever has an answer finds it in the files at once.
                let state = try ["state.json", "state.json.log"].map { name in
                    try String(contentsOfFile: folder + "/cloud/" + name, encoding: .utf8)
                }
                #expect(state.joined().contains(second.revealed))
                let list = try JSONDecoder().decode(
                    [String].self, from: Data(contentsOf: URL(fileURLWithPath: folder + "/cloud/secrets.json")))
                #expect(
                    Set(list) == [
                        RunningCloud.productSecret.revealed, RunningCloud.accessKeySecret.revealed, shown,
                        first.revealed, second.revealed,
                    ])
                for name in ["state.json", "state.json.log", "secrets.json", "pki/ca.key"] {
                    let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/cloud/" + name)
                    #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600, "\(name)")
                }
                return [iotID, detail["UtcActive"] as? String ?? "", second.revealed]
            }
            let authority = try String(contentsOfFile: folder + "/cloud/pki/ca.pem", encoding: .utf8)
            try await RunningCloud.with(configuration) { cloud async throws in
                let detail = try await cloud.detail("unit-0001")
                #expect(detail["IotId"] as? String == before[0])
                #expect(detail["UtcActive"] as? String == before[1])
                #expect(detail["Status"] as? String == "OFFLINE")
                #expect(try await cloud.register("unit-0001").json["code"] as? Int == 6288)
                #expect(try await RawConnect.device("unit-0001", secret: Secret(before[2])).code(cloud) == 0)
                let file = try #require(cloud.ready.caFile)
                #expect(try String(contentsOfFile: file, encoding: .utf8) == authority)
            }
            let list = try JSONDecoder().decode(
                [String].self, from: Data(contentsOf: URL(fileURLWithPath: folder + "/cloud/secrets.json")))
            #expect(list.count == 5)
        }
    }

    @Test("nothing the admin door lists holds a secret")
    func adminListsNoSecret() async throws {
        try await RunningCloud.with { cloud async throws in
            try await cloud.create("unit-0001")
            let secret = try await cloud.secret(of: "unit-0001")
            #expect(try await RawConnect.device("unit-0001", secret: secret).code(cloud) == 0)
            for path in ["/devices", "/refusals", "/faults"] {
                let answer = try await cloud.send(.GET, (cloud.ready.admin ?? "") + path)
                #expect(answer.status == 200)
                #expect(!answer.text.contains(secret.revealed))
            }
            let device = try #require(try await cloud.admin.devices().first)
            #expect(device.deviceName == "unit-0001" && device.activated != nil && !device.registrationOpen)
        }
    }

    @Test("a port that is asked for is the port that is used, and a taken one is said so")
    func ports() async throws {
        try await RunningCloud.with { running async throws in
            let taken = try #require(Int(running.ready.mqttTLS?.split(separator: ":").last ?? ""))
            for change in [
                { (listen: inout CloudConfiguration.Listen) in listen.mqttTLS = taken },
                { (listen: inout CloudConfiguration.Listen) in listen.openAPIHTTP = taken },
            ] {
                var configuration = RunningCloud.configuration()
                configuration.listen = CloudConfiguration.Listen()
                configuration.listen.admin = 0
                change(&configuration.listen)
                let error = await #expect(throws: CloudStandInError.self) {
                    try await RunningCloud.with(configuration) { _ in }
                }
                #expect(error?.sentence.contains(":\(taken):") == true)
            }
        }
        var only = RunningCloud.configuration()
        only.listen = CloudConfiguration.Listen()
        only.listen.openAPIHTTP = 0
        try await RunningCloud.with(only) { cloud async throws in
            #expect(cloud.ready.mqttTLS == nil && cloud.ready.caFile == nil && cloud.ready.admin == nil)
            #expect(cloud.ready.openapi != nil)
        }
    }

    @Test("the stand-in ends at once although clients keep connections open")
    func endsAtOnce() async throws {
        let openings = ["openapi_tls", "mqtt_tls", "mqtt_tcp", "idle"]
        let clients = try await RunningCloud.with { cloud async throws in
            // Sockets that say nothing, in every phase: before TLS, before CONNECT, before a request.
            var channels: [any Channel] = []
            for address in [cloud.ready.mqttTLS, cloud.ready.mqttTCP, cloud.ready.openapi, cloud.ready.registration] {
                let port = Int(address?.split(separator: ":").last ?? "") ?? 0
                channels.append(
                    try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                        .connect(host: "127.0.0.1", port: port).get())
            }
            // A TLS keep-alive connection stays in the client's pool.
            let url = "\(cloud.ready.openapiTLS ?? "")/?Action=Nothing"
            #expect(try await cloud.send(.GET, url).status == 404)
            return channels
        }
        #expect(clients.count == openings.count)
        for client in clients { try await client.closeFuture.get() }
    }

    @Test("hundreds of clients that do not get on do not keep a good one out")
    func crowd() async throws {
        try await RunningCloud.with { cloud async throws in
            try await cloud.create("unit-0001")
            var channels: [any Channel] = []
            for address in [cloud.ready.mqttTLS, cloud.ready.registration, cloud.ready.openapi] {
                let port = Int(address?.split(separator: ":").last ?? "") ?? 0
                for index in 0..<100 {
                    let client = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                        .connect(host: "127.0.0.1", port: port).get()
                    // Half of them begin a TLS handshake, a CONNECT or a request and stop in it.
                    if index.isMultiple(of: 2) { try await client.writeAndFlush(ByteBuffer(bytes: [0x16])) }
                    channels.append(client)
                }
            }
            let secret = try await cloud.secret(of: "unit-0001")
            #expect(try await RawConnect.device("unit-0001", secret: secret).code(cloud) == 0)
            #expect(try await cloud.detail("unit-0001")["Status"] as? String != "UNACTIVE")
            for channel in channels { try? await channel.close() }
        }
    }

    @Test("a client that does not get on is dropped after the deadline")
    func stalled() async throws {
        let configuration = RunningCloud.configuration { $0.handshakeDeadlineSeconds = 0.3 }
        try await RunningCloud.with(configuration) { cloud async throws in
            for address in [cloud.ready.mqttTLS, cloud.ready.mqttTCP, cloud.ready.openapi, cloud.ready.registration] {
                let port = Int(address?.split(separator: ":").last ?? "") ?? 0
                let client = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                    .connect(host: "127.0.0.1", port: port).get()
                try await client.writeAndFlush(ByteBuffer(bytes: [0x10]))
                try await client.closeFuture.get()
            }
        }
    }

    @Test(
        "openssl with the C SDKs' suites on TLS 1.2 gets Content-Length so spelled and no chunks",
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl"), "needs the openssl command"),
        arguments: ["AES128-SHA", "AES256-SHA", "ECDHE-RSA-AES128-GCM-SHA256"])
    func openssl(suite: String) async throws {
        try await RunningCloud.with { cloud async throws in
            try await cloud.create("unit-0001")
            let sign = RegistrationSignature.sign(
                productKey: key, deviceName: "unit-0001", random: "7", secret: RunningCloud.productSecret,
                method: .hmacsha256)
            let form = "productKey=\(key)&deviceName=unit-0001&random=7&sign=\(sign)&signMethod=hmacsha256"
            let request =
                "POST /auth/register/device HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                + "Accept: text/xml,text/javascript,text/html,application/json\r\n"
                + "Content-Type: application/x-www-form-urlencoded\r\n"
                + "Content-Length: \(form.utf8.count)\r\n\r\n\(form)"
            let address = (cloud.ready.registration ?? "").replacingOccurrences(of: "https://", with: "")
            let result = try await run(
                .name("openssl"),
                arguments: [
                    "s_client", "-connect", address, "-tls1_2", "-cipher", suite, "-CAfile", cloud.ready.caFile ?? "",
                    "-verify_return_error", "-verify_hostname", "localhost", "-quiet",
                ],
                input: .string(request), output: .string(limit: 65536), error: .string(limit: 65536))
            let text = result.standardOutput
            #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"), "\(result.standardError)")
            #expect(text.contains("\r\nContent-Length: "))
            #expect(!text.lowercased().contains("transfer-encoding"))
            #expect(text.contains("\r\n\r\n{\"code\":200,\"data\":{\"deviceName\":\"unit-0001\","))
        }
    }

    @Test(
        "MQTT over TLS is served with the C SDKs' suites too",
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl"), "needs the openssl command"),
        arguments: ["AES128-SHA", "AES256-SHA"])
    func opensslMQTT(suite: String) async throws {
        try await RunningCloud.with { cloud async throws in
            let result = try await run(
                .name("openssl"),
                arguments: [
                    "s_client", "-connect", cloud.ready.mqttTLS ?? "", "-tls1_2", "-cipher", suite, "-CAfile",
                    cloud.ready.caFile ?? "", "-verify_return_error", "-verify_ip", "127.0.0.1",
                ],
                input: .string("Q\n"), output: .string(limit: 65536), error: .string(limit: 65536))
            #expect(result.terminationStatus.isSuccess, "\(result.standardError)")
            #expect(result.standardOutput.contains("Cipher is \(suite)"))
        }
    }

    @Test(
        "anything below TLS 1.2 is refused",
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl"), "needs the openssl command"))
    func oldTLS() async throws {
        try await RunningCloud.with { cloud async throws in
            let result = try await run(
                .name("openssl"),
                arguments: [
                    "s_client", "-connect", cloud.ready.mqttTLS ?? "", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0",
                ],
                input: .string("Q\n"), output: .string(limit: 65536), error: .string(limit: 65536))
            #expect(!result.terminationStatus.isSuccess)
        }
    }
}
