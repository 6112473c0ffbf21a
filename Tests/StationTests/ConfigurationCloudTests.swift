import AliyunIoT
import Foundation
import Testing

@testable import station

@Suite("[cloud] in station.toml")
struct ConfigurationCloudTests {
    // MARK: - Kinds and their defaults

    @Test("an old public instance needs no address: one MQTT host for each product, securemode 2")
    func oldPublic() throws {
        let cloud = try read(#"instance = "old-public""#)
        #expect(cloud.instance == InstanceProfile(.oldPublic))
        #expect(cloud.deviceLimit == nil && cloud.onlineLimit == nil)
        let made = try cloud.instance.cloud()
        #expect(made.openAPI == "https://iot.cn-shanghai.aliyuncs.com/")
        #expect(made.registration == "https://iot-auth.cn-shanghai.aliyuncs.com/auth/register/device")
        #expect(made.mqttHost == "{PK}.iot-as-mqtt.cn-shanghai.aliyuncs.com" && made.mqttPort == 1883)
        #expect(made.instanceID == nil && made.secureMode == 2 && made.signature == .rpcV1)
    }

    @Test("a new public instance goes by its id, with securemode -2, 500 devices and 50 online")
    func newPublic() throws {
        let cloud = try read(
            """
            instance = "new-public"
            instance_id = "iot-060a"
            region = "ap-southeast-1"
            mqtt_port = 443
            """)
        #expect(cloud.instance.kind == .newPublic(id: "iot-060a") && cloud.instance.instanceID == nil)
        #expect(cloud.deviceLimit == 500 && cloud.onlineLimit == 50)
        let made = try cloud.instance.cloud()
        #expect(made.openAPI == "https://iot.ap-southeast-1.aliyuncs.com/")
        #expect(made.registration == nil, "registration over HTTPS is offered in cn-shanghai alone")
        #expect(made.mqttHost == "iot-060a.mqtt.iothub.aliyuncs.com" && made.mqttPort == 443)
        #expect(made.instanceID == "iot-060a" && made.secureMode == -2)
    }

    @Test("an enterprise instance has port 8883 and no limit known; its CA file is named from the file's folder")
    func enterprise() throws {
        let cloud = try read(
            """
            instance = "enterprise"
            instance_id = "iot-060a"
            mqtt_ca_file = "aliyun-iot-ca.pem"
            """)
        var expected = InstanceProfile(.enterprise(id: "iot-060a"))
        expected.mqttCAFile = "/etc/line/aliyun-iot-ca.pem"
        #expect(cloud.instance == expected)
        #expect(cloud.instance.wantedPort == 8883 && cloud.instance.wantedSecureMode == -2)
        #expect(cloud.instance.wantedRegistration == "https://iot-auth.cn-shanghai.aliyuncs.com")
        #expect(cloud.deviceLimit == nil && cloud.onlineLimit == nil)
    }

    @Test("a custom platform is the same with and without the word, and may have an id")
    func custom() throws {
        let addresses = """
            openapi = "https://iot.plant.example:8686/api"
            mqtt = "{PK}.mqtt.plant.example:18883"
            instance_id = "own"
            region = "Plant-7"
            """
        let cloud = try read("instance = \"custom\"\n" + addresses)
        #expect(try read(addresses) == cloud)
        let made = try cloud.instance.cloud()
        #expect(made.openAPI == "https://iot.plant.example:8686/api" && made.registration == nil)
        #expect(try made.mqttHost(for: "a1") == "a1.mqtt.plant.example" && made.mqttPort == 18_883)
        #expect(made.instanceID == "own" && made.regionID == "Plant-7" && made.secureMode == 2)
    }

    // MARK: - Overrides

    private static let everyOverride = """
        region = "cn-shanghai"
        openapi = "https://iot.plant.example:8443"
        registration = "https://reg.plant.example:8686"
        mqtt = "mqtt.plant.example:12345"
        ca_file = "https.pem"
        mqtt_ca_file = "mqtt.pem"
        signature = "acs3"
        workflow_access_key_id = "LTAI5tWorkflow"
        qps_share = 3
        device_limit = 100000
        online_limit = 20000
        """

    @Test(
        "every default can be overridden, whatever the kind",
        arguments: [
            ("old-public", nil, -2), ("new-public", "iot-1", 2), ("enterprise", "iot-1", 2), ("custom", "iot-1", -2),
        ])
    func overridden(kind: String, id: String?, secureMode: Int) throws {
        let cloud = try read(
            "instance = \"\(kind)\"\n" + (id.map { "instance_id = \"\($0)\"\n" } ?? "")
                + "secure_mode = \(secureMode)\n" + Self.everyOverride)
        let instance = cloud.instance
        #expect(InstanceKind(instance.kind).rawValue == kind && instance.wantedInstanceID == id)
        #expect(instance.wantedOpenAPI == "https://iot.plant.example:8443")
        #expect(instance.wantedRegistration == "https://reg.plant.example:8686")
        #expect(instance.wantedHost == "mqtt.plant.example" && instance.wantedPort == 12_345)
        #expect(instance.caFile == "/etc/line/https.pem" && instance.mqttCAFile == "/etc/line/mqtt.pem")
        #expect(instance.signature == .acs3 && instance.wantedSecureMode == secureMode)
        #expect(cloud.accessKeyID == "LTAI5tLine" && cloud.workflowAccessKeyID == "LTAI5tWorkflow")
        #expect(cloud.qpsShare == 3 && cloud.deviceLimit == 100_000 && cloud.onlineLimit == 20_000)
    }

    @Test("registration can be said not to be offered", arguments: ["old-public", "custom"])
    func noRegistration(kind: String) throws {
        let addresses = kind == "custom" ? "openapi = \"https://h\"\nmqtt = \"h:1\"\n" : ""
        let cloud = try read("instance = \"\(kind)\"\nregistration = \"none\"\n\(addresses)")
        #expect(cloud.instance.registration == .none && cloud.instance.wantedRegistration == nil)
    }

    @Test(
        "what was read is written, and read back the same",
        arguments: [
            #"instance = "old-public""#, "instance = \"old-public\"\nregion = \"us-west-1\"\nmqtt_port = 443",
            "instance = \"new-public\"\ninstance_id = \"i\"\nmqtt_port = 1883\nregistration = \"none\"",
            "instance = \"enterprise\"\ninstance_id = \"i\"\nca_file = \"c\"\nsecure_mode = 2\nsignature = \"acs3\"",
            "instance = \"enterprise\"\ninstance_id = \"i\"\n\(everyOverride)", everyOverride,
            "openapi = \"http://[::1]:8\"\nmqtt = \"[::1]:1883\"\nregistration = \"none\"\ninstance_id = \"i\"",
            "openapi = \"https://h/a\"\nmqtt = \"x.{PK}.h:8883\"\nsecure_mode = -2\ndevice_limit = 1",
        ])
    func roundTrip(text: String) throws {
        let configuration = try readAll(text)
        #expect(
            try StationConfiguration(toml: configuration.toml, file: "again.toml", folder: "/elsewhere")
                == configuration)
    }

    @Test("each kind's example in the shipped file is read without a problem")
    func shippedKinds() throws {
        let lines = try String(contentsOfFile: "\(shippedHome)/station.toml", encoding: .utf8)
            .split(separator: "\n", omittingEmptySubsequences: false)
        let examples = lines.split(separator: "#").map { $0.filter { $0.hasPrefix("# ") && $0.contains(" = ") } }
            .filter { $0.first?.hasPrefix("# instance = ") == true }
        let rest = lines.filter { line in
            !["instance = ", "instance_id = ", "mqtt_ca_file = "].contains { line.hasPrefix($0) }
        }
        let head = try #require(rest.firstIndex(of: "[cloud]"))
        let kinds = try examples.map { example in
            let text = rest[...head] + example.map { $0.dropFirst(2) } + rest[(head + 1)...]
            let configuration = try StationConfiguration(
                toml: text.joined(separator: "\n"), file: "station.toml", folder: "/etc/line")
            return InstanceKind(configuration.cloud.instance.kind)
        }
        #expect(kinds == [.oldPublic, .newPublic, .custom])
    }

    // MARK: - Problems

    @Test(
        "what does not fit the kind is named with its key, itself and what is allowed",
        arguments: [
            (
                #"instance = "public""#,
                [
                    #"cloud.instance = "public": expected "old-public" or "new-public" or "enterprise" or "custom""#
                ]
            ),
            (
                "instance = 1",
                [
                    #"cloud.instance = 1: expected a string: "old-public" or "new-public" or "enterprise" or "custom"; "#
                        + "received an integer"
                ]
            ),
            (
                "instance = \"new-public\"\nmqtt_port = 443",
                ["cloud.instance_id: missing; expected a string: 1 to 64 of A-Z a-z 0-9 - _"]
            ),
            (
                "instance = \"enterprise\"\nmqtt_port = 443\ninstance_id = \"a b\"",
                [#"cloud.instance_id = "a b": expected 1 to 64 of A-Z a-z 0-9 - _"#]
            ),
            (
                "instance = \"old-public\"\ninstance_id = \"iot-1\"",
                [
                    #"cloud.instance_id = "iot-1": an old public instance has none; a new public or enterprise one has"#
                ]
            ),
            (
                "instance = \"old-public\"\nregion = \"CN Shanghai\"",
                [#"cloud.region = "CN Shanghai": expected a region's id such as cn-shanghai"#]
            ),
            (
                "instance = \"old-public\"\nregion = \"CN-Shanghai\"",
                [#"cloud.region = "CN-Shanghai": expected a region's id such as cn-shanghai"#]
            ),
            (
                "instance = \"old-public\"\nmqtt_port = 8883",
                ["cloud.mqtt_port = 8883: this kind of instance listens on 1883, 443"]
            ),
            (
                "instance = \"enterprise\"\ninstance_id = \"i\"\nmqtt_port = 8884",
                ["cloud.mqtt_port = 8884: this kind of instance listens on 8883, 1883, 443"]
            ),
            (
                "instance = \"old-public\"\nmqtt_port = 0", ["cloud.mqtt_port = 0: expected 1 to 65535"]
            ),
            (
                "instance = \"old-public\"\nmqtt_port = 443\nmqtt = \"h:443\"",
                ["cloud.mqtt_port = 443: expected one of mqtt_port and mqtt, which has a port of its own"]
            ),
            (
                "openapi = \"https://h\"\nmqtt_port = 443",
                [
                    "cloud.mqtt: missing; expected a string: HOST:PORT, port 1 to 65535",
                    "cloud.mqtt_port = 443: expected mqtt = \"HOST:PORT\" instead: only the other kinds have a host of "
                        + "their own",
                ]
            ),
            (
                "instance = \"enterprise\"\ninstance_id = \"i\"",
                [
                    "cloud.mqtt_ca_file: missing: port 8883 is signed by the platform's own root, which no system's store "
                        + "has; name its PEM file, or use port 1883 or 443"
                ]
            ),
            (
                "instance = \"old-public\"\nmqtt_ca_file = \"\"", [#"cloud.mqtt_ca_file = "": expected a PEM file"#]
            ),
            (
                "instance = \"old-public\"\nsecure_mode = 3", ["cloud.secure_mode = 3: expected 2 or -2"]
            ),
            (
                "instance = \"old-public\"\nsecure_mode = \"2\"",
                [#"cloud.secure_mode = "2": expected an integer, 2 or -2; received a string"#]
            ),
            (
                "instance = \"old-public\"\nsignature = \"v1\"",
                [#"cloud.signature = "v1": expected "rpc-v1" or "acs3""#]
            ),
            (
                "instance = \"old-public\"\nworkflow_access_key_id = \"LTAI5tLine\"",
                [
                    #"cloud.workflow_access_key_id = "LTAI5tLine": expected another AccessKey than access_key_id, with "#
                        + "permissions of its own"
                ]
            ),
            (
                "instance = \"old-public\"\ndevice_limit = 0\nonline_limit = 100000001",
                [
                    "cloud.device_limit = 0: expected 1 to 100000000 devices",
                    "cloud.online_limit = 100000001: expected 1 to 100000000 devices",
                ]
            ),
        ])
    func problems(text: String, expected: [String]) {
        #expect(found(text) == expected)
    }

    @Test("a custom platform's addresses are demanded, and nothing is guessed for a kind that is unknown")
    func demanded() {
        #expect(
            found("instance = \"custom\"").map { $0.prefix { $0 != ":" } } == ["cloud.openapi", "cloud.mqtt"])
        #expect(found("instance = \"x\"\nmqtt_port = 8884").count == 1)
    }

    @Test("everything that is wrong comes at once, and a consequence is not named besides its cause")
    func allAtOnce() {
        let text = """
            instance = "enterprise"
            region = ""
            openapi = "iot.example"
            registration = "off"
            mqtt = "h"
            ca_file = 1
            secure_mode = 0
            signature = ""
            workflow_access_key_id = "a b"
            """
        #expect(
            found(text).map { $0.prefix { !" :".contains($0) } } == [
                "cloud.region", "cloud.instance_id", "cloud.openapi", "cloud.registration", "cloud.mqtt",
                "cloud.ca_file", "cloud.secure_mode", "cloud.signature", "cloud.workflow_access_key_id",
            ])
    }

    @Test("what may hold a password is not repeated")
    func hidden() {
        let text = """
            instance = "old-public"
            openapi = "https://user:hunter2@host"
            registration = "https://host?key=hunter2"
            mqtt = "mqtts://user:hunter2@host:8883"
            """
        let problems = found(text)
        #expect(problems.count == 3)
        #expect(problems.allSatisfy { $0.contains(": expected ") && !$0.contains("hunter2") })
        // The reader takes this for this machine, the client does not.
        #expect(
            found("instance = \"old-public\"\nopenapi = \"http://127.0.0.01/hunter2\"")
                .allSatisfy { $0.hasPrefix("cloud.openapi: expected https://") && !$0.contains("hunter2") })
    }

    @Test(
        "there is no key that switches the check of certificates off; whoever tries one is told what there is",
        arguments: ["tls_verify", "verify_tls", "insecure", "ssl_verify", "check_certificates"])
    func verification(key: String) {
        let problems = found("instance = \"old-public\"\n\(key) = false")
        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix("cloud.\(key): unknown key; allowed here: instance, region,") == true)
        let hint = "certificates are always verified: name the authorities to trust with ca_file"
        #expect(problems.first?.hasSuffix(hint) == true)
    }

    @Test("a CA file that is not there does not keep the file from being read, but the station from starting")
    func missingAuthorities() throws {
        let configuration = try readAll("instance = \"old-public\"\nca_file = \"no.pem\"\nmqtt_ca_file = \"none.pem\"")
        #expect(configuration.cloud.problems().map(\.key) == ["cloud.ca_file", "cloud.mqtt_ca_file"])
        #expect(configuration.cloud.problems().allSatisfy { $0.expected.contains("/etc/line/no") })
        let error = #expect(throws: StationComposition.CompositionError.self) {
            try StationComposition.cloud(configuration)
        }
        #expect(error?.description.contains("cloud.ca_file: No authority could be read from") == true)
        #expect(error?.description.contains("; cloud.mqtt_ca_file: ") == true)
        #expect(throws: Never.self) { try StationComposition.cloud(readAll(#"instance = "old-public""#)) }
    }

    // MARK: - Reading

    private func read(_ cloud: String) throws -> StationConfiguration.Cloud { try readAll(cloud).cloud }

    /// Reads a whole file with these keys in `[cloud]`, and the AccessKey's.
    private func readAll(_ cloud: String) throws -> StationConfiguration {
        let text = """
            [station]
            id = "a"
            data = "/d"
            [cloud]
            access_key_id = "LTAI5tLine"
            \(cloud)
            [[slots]]
            name = "1"
            profile = "p"
            port = "/tmp/board"
            """
        return try StationConfiguration(toml: text, file: "station.toml", folder: "/etc/line")
    }

    private func found(_ cloud: String) -> [String] {
        configurationProblems { _ = try readAll(cloud) }
    }
}
