import AliyunIoT
import Foundation
import Provisioning
import Testing
import Vault

@testable import station

@Suite("the doctor and the instance")
struct DoctorInstanceTests {
    @Test("the kind is named with every value that follows from it")
    func summary() {
        var report = DoctorReport()
        DoctorInstance(cloud: cloud(InstanceProfile(.oldPublic))).examine(into: &report)
        #expect(report.findings.map(\.check) == ["instance"])
        #expect(
            report.findings.first?.seen
                == "old-public in cn-shanghai: OpenAPI https://iot.cn-shanghai.aliyuncs.com signed by rpc-v1, "
                + "registration https://iot-auth.cn-shanghai.aliyuncs.com, "
                + "MQTT {PK}.iot-as-mqtt.cn-shanghai.aliyuncs.com:1883, securemode 2")

        var enterprise = InstanceProfile(.enterprise(id: "iot-1"), regionID: "ap-southeast-1")
        enterprise.signature = .acs3
        #expect(
            DoctorInstance(cloud: cloud(enterprise)).summary
                == "enterprise iot-1 in ap-southeast-1: OpenAPI https://iot.ap-southeast-1.aliyuncs.com signed by acs3, "
                + "registration not offered, MQTT iot-1.mqtt.iothub.aliyuncs.com:8883, securemode -2")
    }

    @Test("each CA file that cannot be used is a problem under its own key")
    func authorities() async throws {
        try await withTemporaryFolder { folder in
            let junk = folder + "/junk.pem"
            try Data("no certificate".utf8).write(to: URL(fileURLWithPath: junk))
            let good = folder + "/good.pem"
            try Data(Self.authority.utf8).write(to: URL(fileURLWithPath: good))
            let none = folder + "/none.pem"
            for (https, mqtt, verdicts) in [
                (good, good, [DoctorFinding.Verdict.ok, .ok, .ok]), (good, junk, [.ok, .ok, .problem]),
                (none, good, [.ok, .problem, .ok]), (junk, none, [.ok, .problem, .problem]),
            ] {
                var profile = InstanceProfile(.enterprise(id: "iot-1"))
                (profile.caFile, profile.mqttCAFile) = (https, mqtt)
                var report = DoctorReport()
                DoctorInstance(cloud: cloud(profile)).examine(into: &report)
                #expect(report.findings.map(\.verdict) == verdicts)
                #expect(report.findings.map(\.check) == ["instance", "ca_file", "mqtt_ca_file"])
                for finding in report.findings where finding.verdict == .problem {
                    let file = finding.check == "ca_file" ? https : mqtt
                    #expect(finding.seen.contains(file == junk ? "No authority" : "No such file"))
                    #expect(finding.seen.contains(file))
                    #expect(finding.next?.hasPrefix("correct [cloud] \(finding.check)") == true)
                }
            }
        }
    }

    @Test("boards connect to one host of the instance, or to one for each product")
    func addresses() {
        func found(_ profile: InstanceProfile, _ products: [String]) -> [String] {
            DoctorCloud.mqttAddresses(profile, products: products).map { "\($0.check) \($0.address)" }
        }
        var enterprise = InstanceProfile(.enterprise(id: "iot-1"))
        #expect(found(enterprise, []) == ["cloud MQTT iot-1.mqtt.iothub.aliyuncs.com:8883"])
        (enterprise.mqttHost, enterprise.mqttPort) = ("::1", 1)
        #expect(found(enterprise, ["a1", "a2"]) == ["cloud MQTT [::1]:1"])
        let old = InstanceProfile(.oldPublic)
        #expect(
            found(old, ["a1", "a2"]) == [
                "cloud MQTT a1 a1.iot-as-mqtt.cn-shanghai.aliyuncs.com:1883",
                "cloud MQTT a2 a2.iot-as-mqtt.cn-shanghai.aliyuncs.com:1883",
            ])
        #expect(found(old, []).isEmpty)
    }

    @Test("a workflow AccessKey without its secret is a warning with the command to type, the line's own a problem")
    func workflowKey() async throws {
        try await withTemporaryFolder { folder in
            let vault = try Vault.open(dataFolder: folder)
            var configuration = try StationConfiguration(toml: wholeStation, file: "s.toml", folder: folder)
            configuration.dataFolder = folder
            func findings() -> [DoctorFinding] {
                var report = DoctorReport()
                _ = DoctorVault(file: "s.toml", configuration: configuration, orders: []).examine(into: &report)
                return report.findings.filter { $0.check.hasPrefix("secret ") }
            }
            #expect(findings().map(\.verdict) == [.problem])
            try vault.seal(Secret("line"), as: SecretName(.accessKey, "LTAI5tExample"))
            #expect(findings().map(\.verdict) == [.ok])

            configuration.cloud.workflowAccessKeyID = "LTAI5tWorkflow"
            #expect(findings().map(\.verdict) == [.ok, .warning])
            #expect(findings().last?.check == "secret access-key/LTAI5tWorkflow")
            #expect(
                findings().last?.next
                    == "station secret set access-key/LTAI5tWorkflow --config s.toml < secret.txt")
            try vault.seal(Secret("workflow"), as: SecretName(.accessKey, "LTAI5tWorkflow"))
            #expect(findings().map(\.verdict) == [.ok, .ok])
        }
    }

    private func cloud(_ profile: InstanceProfile) -> StationConfiguration.Cloud {
        StationConfiguration.Cloud(instance: profile, accessKeyID: "LTAI5tExample", qpsShare: 10)
    }

    /// Of a test CA whose key was thrown away.
    private static let authority = """
        -----BEGIN CERTIFICATE-----
        MIIBlTCCATugAwIBAgIURyi3wzuW1EwA4yBoBYn+72RP3TIwCgYIKoZIzj0EAwIw
        HzEdMBsGA1UEAwwUVGVzdCBDQSwgbm90IGZvciB1c2UwIBcNMjYxMTIzMDg0MzQ1
        WhgPMjEyNjEwMzAwODQzNDVaMB8xHTAbBgNVBAMMFFRlc3QgQ0EsIG5vdCBmb3Ig
        dXNlMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE5Myq9JxyOeMzBz4fLpRr9/AB
        OeQ0i6C1O0HJwKo9ZLwgK2mBbp96ZVkmvFOopRHwmN19F6kZMWpo7y0CYmTC6KNT
        MFEwHQYDVR0OBBYEFN2zSURcN2ekC1vrDWhCXBZ38fqsMB8GA1UdIwQYMBaAFN2z
        SURcN2ekC1vrDWhCXBZ38fqsMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwID
        SAAwRQIgAYFcFdjOlYaOkVtMn2sXqBJvQo4RUbXajQo/2iHtGyoCIQDUuzGY56MF
        LpI8vl7ZuEwlxz4r/DWEw6Wyunv83IDVLg==
        -----END CERTIFICATE-----
        """
}
