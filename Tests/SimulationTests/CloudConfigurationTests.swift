import Foundation
import Simulation
import Testing

@Suite("Cloud stand-in: configuration")
struct CloudConfigurationTests {
    static let good = """
        [listen]
        host = "127.0.0.1"
        openapi_http = 0
        mqtt_tls = 18883
        admin = 0
        [[access_keys]]
        id = "LTAI5tTest"
        secret = "abc"
        [[products]]
        key = "a1B2c3"
        secret = "def"
        dynamic_registration = false
        instance_id = "iot-060a0bgd"
        status = "DEVELOPMENT_STATUS"
        auth_type = "x509"
        [[products]]
        key = "a1B2c4"
        secret = "ghi"
        [behaviour]
        registration_close_seconds = 3
        reset_rotates_secret = true
        device_limit = 500
        state_file = "/tmp/x/state.json"
        [pki]
        names = ["cloud.test", "10.0.0.1"]
        """

    @Test("a full file is read, with defaults where it says nothing")
    func reads() throws {
        let configuration = try CloudConfiguration(toml: Self.good)
        #expect(configuration.listen.openAPIHTTP == 0)
        #expect(configuration.listen.mqttTLS == 18883)
        #expect(configuration.listen.mqttTCP == nil)
        #expect(configuration.products.map(\.dynamicRegistration) == [false, true])
        #expect(configuration.products[0].instanceID == "iot-060a0bgd")
        #expect(configuration.products[1].name == "a1B2c4")
        #expect(configuration.products.map(\.status) == [.development, .released])
        #expect(configuration.products.map(\.authType) == [.x509, .secret])
        #expect(configuration.behaviour.deviceLimit == 500)
        #expect(configuration.behaviour.registrationCloseSeconds == 3)
        #expect(configuration.behaviour.resetRotatesSecret)
        #expect(configuration.behaviour.checkKeepAlive)
        #expect(configuration.behaviour.mqttConnections == 4096)
        #expect(configuration.behaviour.handshakeDeadlineSeconds == 20)
        #expect(configuration.pki.names == ["cloud.test", "10.0.0.1"])
    }

    @Test(
        "each mistake is named by its key",
        arguments: [
            ("openapi_http = 0", "openapi_htpp = 0", "listen.openapi_htpp is not a known key"),
            ("openapi_http = 0", "openapi_http = \"8080\"", "listen.openapi_http has the wrong type (string)"),
            ("openapi_http = 0", "openapi_http = 70000", "listen.openapi_http is 70000: allowed is 0…65535"),
            ("id = \"LTAI5tTest\"", "", "access_keys[0].id is missing"),
            ("key = \"a1B2c4\"", "key = 12", "products[1].key has the wrong type (integer)"),
            ("key = \"a1B2c4\"", "key = \"a1B2c3\"", "products lists one key twice"),
            ("reset_rotates_secret = true", "reset_rotates_secret = 1", "behaviour.reset_rotates_secret has the wrong"),
            (
                "reset_rotates_secret = true", "mqtt_connections = 0",
                "behaviour.mqtt_connections is 0: allowed is 1…65535"
            ),
            (
                "\"DEVELOPMENT_STATUS\"", "\"RELEASED\"",
                "products[0].status is RELEASED: allowed are DEVELOPMENT_STATUS, RELEASE_STATUS"
            ),
            ("auth_type = \"x509\"", "auth_type = \"x501\"", "products[0].auth_type is x501: allowed are secret, id2"),
            ("device_limit = 500", "device_limit = -1", "behaviour.device_limit is -1: allowed is 0…10000000"),
            ("names = [\"cloud.test\", \"10.0.0.1\"]", "names = [1]", "pki.names has an element that is no text"),
            ("[pki]", "[pky]", "pky is not a known key"),
            ("host = \"127.0.0.1\"", "host = ", "not TOML at line 2"),
        ]
    )
    func namesMistakes(old: String, new: String, sentence: String) throws {
        let text = Self.good.replacingOccurrences(of: old, with: new)
        let error = #expect(throws: CloudConfigurationError.self) { try CloudConfiguration(toml: text) }
        #expect(error?.problems.contains { $0.contains(sentence) } == true, "\(error?.problems ?? [])")
    }

    @Test("all problems are told at once, and none quotes a secret")
    func allAtOnce() throws {
        let text = Self.good
            .replacingOccurrences(of: "openapi_http = 0", with: "openapi_http = -1")
            .replacingOccurrences(of: "secret = \"abc\"", with: "secret = 918273")
            .replacingOccurrences(of: "[pki]", with: "[pki]\ncolour = \"red\"")
        let error = #expect(throws: CloudConfigurationError.self) { try CloudConfiguration(toml: text) }
        #expect(error?.problems.count == 3)
        #expect(error?.description.contains("918273") == false)
    }

    @Test("a configuration without a door is refused")
    func noDoor() throws {
        let error = #expect(throws: CloudConfigurationError.self) { try CloudConfiguration(toml: "[listen]\n") }
        #expect(error?.problems == ["listen opens no door: give at least one port, 0 takes any free one"])
    }

    @Test("the configuration may be a pipe")
    func pipe() async throws {
        let pipe = Pipe()
        try pipe.fileHandleForWriting.write(contentsOf: Data(Self.good.utf8))
        try pipe.fileHandleForWriting.close()
        let configuration = try CloudConfiguration.read(path: "/dev/fd/\(pipe.fileHandleForReading.fileDescriptor)")
        #expect(configuration.products.count == 2)
    }

    @Test("the ready file has every key, null for a door that is shut, and is read back")
    func readyFile() async throws {
        try await withTemporaryFolder { folder in
            let ready = ReadyFile(openapi: "http://127.0.0.1:1", mqttTLS: "127.0.0.1:2", caFile: "/x/ca.pem")
            try ready.write(to: folder + "/ready.json")
            let text = try String(contentsOfFile: folder + "/ready.json", encoding: .utf8)
            let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
            #expect(
                Set(object?.keys.map { $0 } ?? []) == [
                    "openapi", "openapi_tls", "registration", "admin", "mqtt_tls", "mqtt_tcp", "ca_file",
                ])
            #expect(object?["registration"] is NSNull)
            #expect(try ReadyFile.read(from: folder + "/ready.json") == ready)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["ready.json"])
        }
    }
}
