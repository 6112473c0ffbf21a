import AliyunIoT
import Foundation
import Provisioning
import Testing

@testable import station

/// A complete `station.toml`, into which a test puts its fault.
let wholeStation = """
    [station]
    id = "LINE-1"
    data = "data"
    [cloud]
    openapi = "https://iot.cn-shanghai.aliyuncs.com"
    registration = "https://iot-auth.cn-shanghai.aliyuncs.com"
    mqtt = "iot-1.mqtt.iothub.aliyuncs.com:8883"
    ca_file = "ca.pem"
    access_key_id = "LTAI5tExample"
    region = "cn-shanghai"
    instance_id = "iot-1"
    qps_share = 12
    [flash.espressif]
    stub_directory = "/usr/share/stubs"
    [limits]
    runs_per_unit = 4
    hold_after_seconds = 120
    [watch]
    interval_seconds = 20
    [[slots]]
    name = "1"
    profile = "esp32c3"
    port = "/dev/serial/by-path/pci-0-usb-0:1.1:1.0-port0"
    max_baud = 460800
    control = "lines"
    [[slots]]
    name = "2"
    profile = "esp32c3"
    port = "socket://10.0.0.2:4001"
    control = ["relay", "{slot}", "{action}"]
    """

@Suite("station.toml")
struct ConfigurationStationTests {
    @Test("a whole file is read, relative paths from the file's folder, defaults where a key is absent")
    func wholeFile() throws {
        let configuration = try read(wholeStation)
        #expect(configuration.id == "LINE-1")
        #expect(configuration.dataFolder == "/etc/line/data")
        let instance = configuration.cloud.instance
        #expect(instance.kind == .custom, "a file from before there were kinds")
        #expect(instance.openAPI == "https://iot.cn-shanghai.aliyuncs.com")
        #expect(instance.registration == .at("https://iot-auth.cn-shanghai.aliyuncs.com"))
        #expect(instance.mqttHost == "iot-1.mqtt.iothub.aliyuncs.com" && instance.mqttPort == 8883)
        #expect(instance.caFile == "/etc/line/ca.pem" && instance.mqttCAFile == nil)
        #expect(instance.instanceID == "iot-1" && instance.wantedInstanceID == "iot-1")
        #expect(instance.wantedSecureMode == 2 && instance.signature == .rpcV1)
        #expect(configuration.cloud.accessKeyID == "LTAI5tExample")
        #expect(configuration.cloud.workflowAccessKeyID == nil)
        #expect(configuration.cloud.qpsShare == 12)
        #expect(configuration.stubDirectory == "/usr/share/stubs")
        #expect(configuration.limits == .init(runsPerUnit: 4, holdAfter: .seconds(120)))
        #expect(configuration.watch == .init(interval: .seconds(20)))
        #expect(configuration.slots.map(\.name) == ["1", "2"])
        #expect(configuration.slots.map(\.maxBaud) == [460800, 921600])
        #expect(configuration.slots.map(\.control) == [.lines, .command(["relay", "{slot}", "{action}"])])
    }

    @Test("what may be absent has its default")
    func defaults() throws {
        let configuration = try read(
            """
            station = { id = "a", data = "/d" }
            cloud = { openapi = "http://127.0.0.1:8080", mqtt = "[::1]:1883", access_key_id = "k" }
            slots = [ { name = "1", profile = "p", port = "/tmp/board" } ]
            """)
        let instance = configuration.cloud.instance
        #expect(instance.kind == .custom && instance.wantedRegistration == nil)
        #expect(instance.caFile == nil && instance.mqttCAFile == nil)
        #expect(instance.regionID == "cn-shanghai" && instance.wantedInstanceID == nil)
        #expect(instance.mqttHost == "::1" && instance.mqttPort == 1883)
        #expect(configuration.cloud.workflowAccessKeyID == nil && configuration.cloud.qpsShare == 10)
        #expect(configuration.cloud.deviceLimit == nil && configuration.cloud.onlineLimit == nil)
        #expect(configuration.watch == .standard && configuration.watch.interval == .seconds(300))
        #expect(configuration.stubDirectory == nil)
        #expect(configuration.limits == .standard)
        #expect(configuration.slots[0].control == .lines)
    }

    @Test("the configuration written as text is read back the same")
    func written() throws {
        var configuration = try read(wholeStation)
        #expect(try read(configuration.toml) == configuration)
        configuration.cloud.instance.caFile = nil
        configuration.cloud.instance.registration = .standard
        configuration.cloud.instance.instanceID = nil
        configuration.watch.interval = .seconds(86_400)
        configuration.stubDirectory = nil
        configuration.dataFolder = "/tmp/quote \" backslash \\ 中文"
        configuration.slots[1].control = .socket(HostPort(host: "::1", port: 4101))
        #expect(try read(configuration.toml) == configuration)
    }

    @Test("the shipped example is read without a problem, and its profiles are there")
    func shippedExample() throws {
        let home = try StationHome.locate(explicit: shippedHome, environment: [:])
        let configuration = try StationConfiguration.load("\(home.folder)/station.toml")
        #expect(configuration.slots.count == 3)
        #expect(configuration.cloud.instance.kind == .enterprise(id: "iot-example"))
        #expect(configuration.cloud.instance.mqttCAFile == "\(home.folder)/aliyun-iot-ca.pem")
        for slot in configuration.slots { #expect(home.profileNames().contains(slot.profile)) }
    }

    @Test("a file is read by its path, and a missing one is said to be missing")
    func files() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("station.toml").path
        #expect(
            configurationProblems { _ = try StationConfiguration.load(file) }.first?.contains("cannot be read") == true)
        try Data(wholeStation.utf8).write(to: URL(fileURLWithPath: file))
        let configuration = try StationConfiguration.load(file)
        #expect(configuration.dataFolder == folder.standardizedFileURL.appendingPathComponent("data").path)
        try Data([0xFF, 0xFE, 0x00]).write(to: URL(fileURLWithPath: file))
        #expect(configurationProblems { _ = try StationConfiguration.load(file) } == ["is not UTF-8 text"])
    }

    private func read(_ text: String) throws -> StationConfiguration {
        try StationConfiguration(toml: text, file: "station.toml", folder: "/etc/line")
    }
}

/// The folder `Station` of this checkout.
let shippedHome = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Station").path

/// The problems with which `body` refuses a file, as sentences; empty if it accepts.
func configurationProblems(_ body: () throws -> Void) -> [String] {
    do {
        try body()
        return []
    } catch let error as ConfigurationError {
        return error.problems.map(\.description)
    } catch {
        return ["\(error)"]
    }
}
