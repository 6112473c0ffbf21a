import Foundation
import Provisioning

/// Where the slots of a running fixture are reached, as its ready file says.
struct FixtureAddresses: Sendable {
    struct Slot: Sendable {
        let name: String
        /// The link under which a placed board's serial port appears.
        let port: String
        /// `socket://HOST:PORT`.
        let control: String
    }

    let slots: [Slot]

    static func read(from file: String) throws -> FixtureAddresses {
        let value = try JSONValue(parsing: String(contentsOfFile: file, encoding: .utf8))
        return FixtureAddresses(
            slots: (value["slots"].array ?? []).map {
                Slot(
                    name: $0["name"].string ?? "", port: $0["port"].string ?? "", control: $0["control"].string ?? "")
            })
    }
}
