import Bench
import Foundation

/// One `[[slots]]` table as far as it could be read.
struct SlotReader {
    let path: String
    let name: String?
    let profile: String?
    let port: String?
    let maxBaud: Int?
    let control: SlotControl?
    let usbPath: String?

    /// The fastest rate of a slot that names none.
    static let standardBaud = 921600

    init(_ table: TableReader) {
        path = table.path
        name = table.string("name", expected: "1 to 32 of A-Z a-z 0-9 - _") {
            StationConfiguration.name($0, extra: "-_", longest: 32)
        }
        profile = table.string("profile", expected: "a board profile's name, 1 to 64 of A-Z a-z 0-9 - _ .") {
            StationConfiguration.name($0, extra: "-_.", longest: 64)
        }
        port = table.string(
            "port",
            expected: "a place that keeps its name, such as usb:1-2.3 (`station slot map` finds it), "
                + "/dev/serial/by-path/… or socket://HOST:PORT (names such as /dev/ttyUSB0 and those of by-id change "
                + "as boards come and go)", Self.place)
        maxBaud = table.integer("max_baud", in: 9600...4_000_000, default: Self.standardBaud, unit: "bits per second")
        control = Self.readControl(table, port: port)
        usbPath = table.string(
            "usb", expected: "the port path of the board's USB device, such as 1-2.3", isOptional: true
        ) { $0.wholeMatch(of: /[0-9]{1,3}-[0-9]{1,3}(\.[0-9]{1,3}){0,5}/) == nil ? nil : $0 }
        table.finish()
    }

    /// The whole slot; nil if one of its values was refused.
    var slot: StationConfiguration.Slot? {
        guard let name, let profile, let port, let maxBaud, let control else { return nil }
        return StationConfiguration.Slot(
            name: name, profile: profile, port: port, maxBaud: maxBaud, control: control,
            usbPath: usbPath)
    }

    /// Notes names, ports and control sockets that two slots share.
    static func noteDuplicates(_ slots: [SlotReader], _ log: ProblemLog) {
        func check(_ key: String, _ values: [(path: String, value: String?)]) {
            var first: [String: String] = [:]
            for (path, value) in values {
                guard let value else { continue }
                if let earlier = first[value] {
                    log.note(
                        "\(path).\(key)", ConfigurationValue.quoted(value), "expected another than that of \(earlier)")
                } else {
                    first[value] = path
                }
            }
        }
        check("name", slots.map { ($0.path, $0.name) })
        check("port", slots.map { ($0.path, $0.port) })
        check("usb", slots.map { ($0.path, $0.usbPath) })
        let sockets = slots.map { slot -> (String, String?) in
            guard case .socket(let endpoint) = slot.control else { return (slot.path, nil) }
            return (slot.path, endpoint.socketURL)
        }
        check("control", sockets)
    }

    private static func readControl(_ table: TableReader, port: String?) -> SlotControl? {
        let isSocket = port.map { HostPort(socketURL: $0) != nil } ?? false
        // A socket has no lines: there a control must be named. Elsewhere the lines are what most fixtures have.
        guard let value = table.any("control", expected: SlotControl.expected, isOptional: !isSocket) else {
            return isSocket ? nil : .lines
        }
        switch SlotControl.read(value) {
        case .success(.lines) where isSocket, .success(.usbSerialJTAG) where isSocket:
            table.log.note(
                table.path(of: "control"), value.text,
                "expected a command or \"socket://HOST:PORT\": the port is a "
                    + "socket, which has no DTR and RTS lines")
            return nil
        case .success(let control): return control
        case .failure(let refusal):
            table.log.note(table.path(of: "control"), value.text, "expected \(refusal.expected)")
            return nil
        }
    }

    /// A port's text in the one form in which two are compared; nil if it names no lasting place.
    private static func place(_ text: String) -> String? {
        if let endpoint = HostPort(socketURL: text) { return endpoint.socketURL }
        guard !text.hasPrefix("socket://"), !text.utf8.contains(0) else { return nil }
        let written = text.hasPrefix("/") ? lexicallyAbsolute(text) : text
        guard let address = try? PortAddress(written), address.isLasting else { return nil }
        return address.description
    }
}
