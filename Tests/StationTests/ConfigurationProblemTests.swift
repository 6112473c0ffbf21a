import Testing

@testable import station

@Suite("What a station.toml is refused for")
struct ConfigurationProblemTests {
    @Test(
        "a value that is not allowed is named with its key, itself and what is allowed",
        arguments: [
            (#"id = "LINE-1""#, #"id = "LINE 1""#, #"station.id = "LINE 1": expected 1 to 32 of A-Z a-z 0-9 -"#),
            (#"id = "LINE-1""#, #"id = "线一""#, #"station.id = "线一": expected 1 to 32 of A-Z a-z 0-9 -"#),
            (#"data = "data""#, #"data = """#, #"station.data = "": expected a folder"#),
            ("qps_share = 12", "qps_share = 31", "cloud.qps_share = 31: expected 1 to 30 calls a second"),
            ("qps_share = 12", "qps_share = 0", "cloud.qps_share = 0: expected 1 to 30 calls a second"),
            (":8883", ":0", #"cloud.mqtt = "iot-1.mqtt.iothub.aliyuncs.com:0": expected HOST:PORT, port 1 to 65535"#),
            (":8883", "", #"cloud.mqtt = "iot-1.mqtt.iothub.aliyuncs.com": expected HOST:PORT, port 1 to 65535"#),
            (
                "max_baud = 460800", "max_baud = 9599",
                "slots[0].max_baud = 9599: expected 9600 to 4000000 bits per second"
            ),
            (
                "max_baud = 460800", "max_baud = 4000001",
                "slots[0].max_baud = 4000001: expected 9600 to 4000000 bits per second"
            ),
            (
                "runs_per_unit = 4", "runs_per_unit = 21", "limits.runs_per_unit = 21: expected 1 to 20"
            ),
            (
                "hold_after_seconds = 120", "hold_after_seconds = 9",
                "limits.hold_after_seconds = 9: expected 10 to 3600 seconds"
            ),
            (
                "interval_seconds = 20", "interval_seconds = 9",
                "watch.interval_seconds = 9: expected 10 to 86400 seconds"
            ),
            (
                "interval_seconds = 20", "interval_seconds = 86401",
                "watch.interval_seconds = 86401: expected 10 to 86400 seconds"
            ),
            (
                #"["relay", "{slot}", "{action}"]"#, #"["relay", "{slot}"]"#,
                "slots[1].control: expected a command that says {action} in one of its arguments"
            ),
            (
                #"["relay", "{slot}", "{action}"]"#, #"["relay", "{port}", "{action}"]"#,
                "slots[1].control: expected no other placeholder than {slot} and {action}"
            ),
            (
                #"["relay", "{slot}", "{action}"]"#, #"["relay", 3, "{action}"]"#,
                "slots[1].control: expected a command of strings, the program's name first"
            ),
            (
                #"["relay", "{slot}", "{action}"]"#, #""lines""#,
                #"slots[1].control = "lines": expected a command or "socket://HOST:PORT": the port is a socket, which has "#
                    + "no DTR and RTS lines"
            ),
        ])
    func refusedValue(old: String, new: String, problem: String) {
        #expect(found(wholeStation.replacing(old, with: new)) == [problem])
    }

    @Test(
        "a wrong type is called a wrong type, not a missing key",
        arguments: [
            (
                "max_baud = 460800", #"max_baud = "fast""#,
                #"slots[0].max_baud = "fast": expected an integer, 9600 to 4000000 bits per second; received a string"#
            ),
            (
                "max_baud = 460800", "max_baud = 460800.5",
                "slots[0].max_baud = 460800.5: expected an integer, 9600 to 4000000 bits per second; received a "
                    + "floating-point number"
            ),
            (
                #"id = "LINE-1""#, "id = 1",
                "station.id = 1: expected a string: 1 to 32 of A-Z a-z 0-9 -; received an integer"
            ),
            (
                #"id = "LINE-1""#, "id = 2026-01-01",
                "station.id = 2026-01-01: expected a string: 1 to 32 of A-Z a-z 0-9 -; received a date or time"
            ),
            (
                #"data = "data""#, #"data = ["data"]"#,
                "station.data: expected a string: a folder; received an array"
            ),
        ])
    func wrongType(old: String, new: String, problem: String) {
        #expect(found(wholeStation.replacing(old, with: new)) == [problem])
    }

    @Test("a section of the wrong type is one problem, not one for each of its keys")
    func wrongSection() {
        let problems = found("station = 1\ncloud = \"x\"\nslots = true")
        #expect(
            problems == [
                "station = 1: expected a table, [station]; received an integer",
                #"cloud = "x": expected a table, [cloud]; received a string"#,
                "slots = true: expected 1 to 32 tables [[slots]]; received a boolean",
            ])
    }

    @Test("an empty file names every key that must be there")
    func emptyFile() {
        #expect(
            found("").map { $0.prefix { $0 != ":" } } == [
                "station.id", "station.data", "cloud.openapi", "cloud.mqtt", "cloud.access_key_id", "slots",
            ])
        #expect(found("").allSatisfy { $0.contains("missing; expected") })
    }

    @Test("unknown keys are named with those that are allowed, in every section")
    func unknownKeys() {
        let text =
            wholeStation
            .replacing("max_baud = 460800", with: "max_buad = 460800")
            .replacing("qps_share = 12", with: "qps = 12\naccess_key_secret = \"hunter2\"")
            .replacing("[flash.espressif]", with: "[flash.stm32]\n[flash.espressif]")
        let problems = found(text + "\n[line]\nname = \"x\"")
        #expect(problems.count == 5)
        #expect(
            problems.contains(
                "slots[0].max_buad: unknown key; allowed here: name, profile, port, max_baud, control, usb"))
        #expect(problems.contains { $0.hasPrefix("cloud.qps: unknown key; allowed here: instance, region, instance") })
        #expect(problems.contains { $0.hasPrefix("flash.stm32: unknown key; allowed here: espressif") })
        #expect(problems.contains { $0.hasPrefix("line: unknown key; allowed here: station, vault, cloud, flash") })
        let secret = problems.first { $0.hasPrefix("cloud.access_key_secret") } ?? ""
        #expect(secret.contains("station secret set"))
        #expect(!secret.contains("hunter2"))
    }

    @Test("all problems of a file come at once, in the order of the file's sections")
    func allAtOnce() {
        let text =
            wholeStation
            .replacing(#"id = "LINE-1""#, with: #"id = """#)
            .replacing(":8883", with: ":x")
            .replacing("max_baud = 460800", with: "max_baud = 1")
            .replacing("runs_per_unit = 4", with: "runs_per_unit = 0")
        #expect(
            found(text).map { $0.prefix { $0 != " " } } == [
                "station.id", "cloud.mqtt", "slots[0].max_baud", "limits.runs_per_unit",
            ])
    }

    @Test(
        "a syntax error is told with line and column",
        arguments: [
            ("[station]\nid = LINE-1", "line 2, column"),
            ("[station\n", "line 1, column"),
            ("[station]\nid = \"a\"\nid = \"b\"", "line 3, column"),
        ])
    func syntax(text: String, place: String) {
        let problems = found(text)
        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix(place) == true, "\(problems)")
    }

    @Test("a NUL byte is a syntax error, and does not end the file unseen")
    func nul() {
        #expect(found("[station]\n# \u{0}\n") == ["line 2: a NUL byte, which TOML does not allow"])
    }

    @Test(
        "an address is encrypted or on this machine, and carries no password; the refused one is not repeated",
        arguments: [
            ("https://iot.cn-shanghai.aliyuncs.com", true), ("https://[2001:db8::1]:8443/base", true),
            ("http://127.0.0.1:8080", true), ("http://127.8.8.8", true), ("http://localhost:1", true),
            ("http://[::1]:8080", true),
            ("http://iot.cn-shanghai.aliyuncs.com", false), ("http://128.0.0.1", false),
            ("http://127.0.0.1.example.com", false), ("http://localhost.example.com", false),
            ("https://user:hunter2@host", false), ("https://host?key=hunter2", false), ("https://", false),
            ("ftp://host", false), ("iot.cn-shanghai.aliyuncs.com", false), ("https://host:70000", false),
        ])
    func addresses(url: String, isAllowed: Bool) {
        for (key, old) in [
            ("openapi", "https://iot.cn-shanghai.aliyuncs.com"),
            ("registration", "https://iot-auth.cn-shanghai.aliyuncs.com"),
        ] {
            let problems = found(wholeStation.replacing("\(key) = \"\(old)\"", with: "\(key) = \"\(url)\""))
            #expect(problems.isEmpty == isAllowed, "\(problems)")
            #expect(problems.allSatisfy { $0.hasPrefix("cloud.\(key): expected https://") && !$0.contains("hunter2") })
        }
    }

    @Test(
        "a port is a place: USB numbers and serial texts are refused, USB ports, by-path names and sockets are not",
        arguments: [
            ("/dev/serial/by-path/pci-0000:00:14.0-usb-0:1:1.0-port0", true), ("/dev/ttyS0", true),
            ("/tmp/board", true),
            ("usb:1-2.3", true), ("usb:1-2.3:1.0", true), ("by-path:pci-0-usb-0:1:1.0-port0", true),
            ("usb:1", false), ("usb:ttyUSB0", false), ("/dev/serial/by-id/usb-1a86_USB_Serial", false),
            ("socket://10.0.0.3:1", true), ("socket://[::1]:4001", true), ("/dev/ttyUSB0", false),
            ("/dev/../dev/ttyUSB1", false), ("/dev/ttyACM3", false), ("COM3", false), ("socket://host", false),
            ("socket://:1", false), ("tcp://host:1", false), ("", false),
        ])
    func ports(port: String, isAllowed: Bool) {
        let text =
            wholeStation
            .replacing("/dev/serial/by-path/pci-0-usb-0:1.1:1.0-port0", with: port)
            .replacing(#"control = "lines""#, with: #"control = ["relay", "{action}"]"#)
        #expect(found(text).isEmpty == isAllowed)
    }

    @Test("two slots of one name, port or control socket are named")
    func duplicates() {
        let text =
            wholeStation + """

                [[slots]]
                name = "1"
                profile = "esp32c3"
                port = "/dev/serial/by-path/x/../pci-0-usb-0:1.1:1.0-port0"
                control = "socket://10.0.0.9:1"
                [[slots]]
                name = "4"
                profile = "esp32c3"
                port = "socket://10.0.0.2:4001"
                control = "socket://10.0.0.9:1"
                """
        #expect(
            found(text) == [
                #"slots[2].name = "1": expected another than that of slots[0]"#,
                #"slots[2].port = "/dev/serial/by-path/pci-0-usb-0:1.1:1.0-port0": expected another than that of slots[0]"#,
                #"slots[3].port = "socket://10.0.0.2:4001": expected another than that of slots[1]"#,
                #"slots[3].control = "socket://10.0.0.9:1": expected another than that of slots[2]"#,
            ])
    }

    @Test("33 slots are one problem")
    func tooManySlots() {
        let slots = (0..<33).map { "[[slots]]\nname = \"\($0)\"\nprofile = \"p\"\nport = \"/tmp/\($0)\"\n" }.joined()
        let head = wholeStation.prefix(
            upTo: wholeStation.firstRange(of: "[[slots]]")?.lowerBound ?? wholeStation.endIndex)
        #expect(found(head + slots) == ["slots: expected 1 to 32 tables [[slots]], received 33"])
    }

    @Test("the error names the file and each problem on a line of its own")
    func wording() throws {
        let error = #expect(throws: ConfigurationError.self) {
            try StationConfiguration(toml: "x = 1", file: "/etc/line/station.toml", folder: "/etc/line")
        }
        let lines = error?.description.split(separator: "\n") ?? []
        #expect(lines.first == "/etc/line/station.toml: 7 problems")
        #expect(lines.count == 8)
        #expect(lines.last?.hasPrefix("  x: unknown key") == true)
    }

    private func found(_ text: some StringProtocol) -> [String] {
        configurationProblems {
            _ = try StationConfiguration(toml: String(text), file: "station.toml", folder: "/etc/line")
        }
    }
}
