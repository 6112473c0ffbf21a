import AliyunIoT
import MQTT
import Testing

@Suite("Instance profiles")
struct InstanceProfileTests {
    @Test("an old public instance has one MQTT host for each product, and no id")
    func oldPublic() throws {
        let cloud = try InstanceProfile(.oldPublic, regionID: "cn-shanghai").cloud()
        #expect(cloud.openAPI == "https://iot.cn-shanghai.aliyuncs.com/")
        #expect(cloud.registration == "https://iot-auth.cn-shanghai.aliyuncs.com/auth/register/device")
        #expect(try cloud.mqttHost(for: "a1Tq7Wn2Xe0") == "a1Tq7Wn2Xe0.iot-as-mqtt.cn-shanghai.aliyuncs.com")
        #expect(cloud.mqttPort == 1883 && cloud.secureMode == 2 && cloud.instanceID == nil)
        #expect(cloud.signature == .rpcV1 && cloud.caFile == nil && cloud.mqttCAFile == nil)
        for key in ["", "a.b", "a/b", "a@b", "é1", String(repeating: "a", count: 64)] {
            let error = #expect(throws: ConnectionError.self) { try cloud.mqttHost(for: key) }
            #expect(error?.code == .invalid)
        }
    }

    @Test(
        "new public and enterprise instances go by their id",
        arguments: [Cloud.Instance.newPublic(id: "iot-060a"), .enterprise(id: "iot-060a")])
    func withID(_ kind: Cloud.Instance) async throws {
        try await TestPKI.withCAFile { root in
            var profile = InstanceProfile(kind, regionID: "ap-southeast-1")
            profile.mqttCAFile = root
            profile.signature = .acs3
            let cloud = try profile.cloud()
            #expect(cloud.mqttHost == "iot-060a.mqtt.iothub.aliyuncs.com" && cloud.mqttPort == 8883)
            #expect(cloud.secureMode == -2 && cloud.instanceID == "iot-060a" && cloud.signature == .acs3)
            #expect(cloud.registration == nil, "HTTPS registration is offered in cn-shanghai alone")
            #expect(cloud.caFile == nil && cloud.mqttCAFile == root)
        }
    }

    @Test("every default can be overridden")
    func overridden() throws {
        var profile = InstanceProfile(.enterprise(id: "iot-060a"))
        profile.openAPI = "https://iot.plant.example:8443"
        profile.registration = .at("https://reg.plant.example:8686")
        profile.mqttHost = "{PK}.plant.example"
        profile.mqttPort = 12_345
        profile.secureMode = 2
        let cloud = try profile.cloud()
        #expect(cloud.openAPI == "https://iot.plant.example:8443/")
        #expect(cloud.registration == "https://reg.plant.example:8686/auth/register/device")
        #expect(try cloud.mqttHost(for: "a1") == "a1.plant.example")
        #expect(cloud.mqttPort == 12_345 && cloud.secureMode == 2 && cloud.instanceID == "iot-060a")

        var custom = InstanceProfile(.custom)
        custom.openAPI = "https://iot.other.example"
        custom.mqttHost = "mqtt.other.example"
        custom.mqttPort = 8883
        custom.instanceID = "own"
        let other = try custom.cloud()
        #expect(other.registration == nil && other.secureMode == 2 && other.instanceID == "own")
    }

    static let wrong: [([String], @Sendable () -> InstanceProfile)] = [
        (["openAPI", "mqttHost", "mqttPort"], { InstanceProfile(.custom) }),
        (["mqttCAFile"], { InstanceProfile(.enterprise(id: "iot-1")) }),
        (["regionID"], { InstanceProfile(.oldPublic, regionID: "CN Shanghai") }),
        (["instanceID"], { with(.oldPublic) { $0.instanceID = "iot-1" } }),
        (["instanceID"], { with(.enterprise(id: "a b")) { $0.mqttPort = 1883 } }),
        (["instanceID"], { with(.enterprise(id: "")) { $0.mqttPort = 1883 } }),
        (["instanceID"], { with(.newPublic(id: "a")) { ($0.mqttPort, $0.instanceID) = (443, "b") } }),
        (["secureMode"], { with(.oldPublic) { $0.secureMode = 3 } }),
        (["openAPI"], { with(.oldPublic) { $0.openAPI = "http://iot.example" } }),
        (["registration"], { with(.oldPublic) { $0.registration = .at("ftp://x") } }),
        (["mqttHost"], { with(.oldPublic) { $0.mqttHost = "ssl://h" } }),
        (["mqttHost"], { with(.oldPublic) { $0.mqttHost = "{IID}.example" } }),
        (["mqttPort"], { with(.oldPublic) { $0.mqttPort = 8883 } }),
        (["mqttPort"], { with(.oldPublic) { $0.mqttPort = 0 } }),
        (["caFile"], { with(.oldPublic) { $0.caFile = "/nonexistent/ca.pem" } }),
        (
            ["secureMode", "mqttPort", "mqttCAFile"],
            {
                with(.oldPublic) {
                    ($0.secureMode, $0.mqttPort, $0.mqttCAFile) = (0, 99_999, "/nonexistent/root.pem")
                }
            }
        ),
    ]

    private static func with(_ kind: Cloud.Instance, _ change: (inout InstanceProfile) -> Void) -> InstanceProfile {
        var profile = InstanceProfile(kind)
        change(&profile)
        return profile
    }

    @Test("everything that is wrong is named at once, with its key", arguments: 0..<16)
    func problems(_ index: Int) throws {
        let (keys, make) = Self.wrong[index]
        let profile = make()
        #expect(profile.problems().map(\.key) == keys)
        let error = #expect(throws: CloudError.self) { try profile.cloud() }
        #expect(error?.code == .input)
        for key in keys { #expect(error?.sentence.contains("\(key): ") == true) }
    }
}
