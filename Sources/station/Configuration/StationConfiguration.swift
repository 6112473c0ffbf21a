import AliyunIoT
import Execution
import Foundation
import Operator
import Provisioning

/// What `station.toml` says, checked: the station, its cloud, its slots.
///
/// Paths are absolute; those written relative are taken from the file's own folder. There is no secret in it: the
/// AccessKey's secret and the ProductSecrets are in the vault.
struct StationConfiguration: Equatable, Sendable {
    /// The station's id, 1 to 32 letters, digits and dashes: it stands in every record and in the cloud's request log.
    var id: String
    /// The folder of journal, vault and logs. One process owns it.
    var dataFolder: String
    /// File outside the data folder that has seen how far the journal was; nil = beside the data folder.
    var headWitness: String? = nil
    var cloud: Cloud
    /// What guards the vault's data key.
    var vault = VaultSettings()
    /// Folder of the loader stubs, one JSON file a chip; nil = the chip's ROM loader is used.
    var stubDirectory: String?
    /// 1 to 32 slots.
    var slots: [Slot]
    var limits: Limits
    var watch: Watch
    /// The line's shifts; nil = it works whenever there is an order.
    var shifts: ShiftCalendar? = nil
    /// Where external flashers stand, by name: absolute paths. Others are looked for in PATH.
    var tools: [String: String] = [:]
    /// The line's own network, for boards that are given one; nil = there is none.
    var network: Network?
    /// Whom the station tells and asks: andon, MES, label printer.
    var calls = Calls()
    /// Where the operator's page is served; nil = there is none.
    var page: OperatorConfiguration?

    /// The line's own network. Its password is sealed as `network/line`.
    struct Network: Equatable, Sendable {
        /// 1 to 32 bytes.
        var ssid: String
        /// How the access point itself is asked; nil = it cannot be.
        var probe: Probe?

        enum Probe: Equatable, Sendable {
            /// A TCP connection to it is accepted.
            case socket(HostPort)
            /// A command ends with status 0 within 5 s.
            case command([String])
        }
    }

    /// Where the cloud is, and how much of it this station may use.
    struct Cloud: Equatable, Sendable {
        /// The kind of instance and where it differs from its kind's defaults: addresses, authorities, schemes.
        var instance: InstanceProfile
        /// Id of the AccessKey that the line registers with; its secret is sealed as `access-key/ID`.
        var accessKeyID: String
        /// Id of a second AccessKey, for what an engineer decides (reset, delete, disable, ClientIDs); its secret is
        /// sealed the same way. Nil = the station does none of it.
        var workflowAccessKeyID: String?
        /// OpenAPI calls a second this station may make, 1 to 30: its share of the account's limit.
        var qpsShare: Int
        /// Devices that the instance lets be created, over all its products; nil = not known.
        var deviceLimit: Int?
        /// Devices that the instance lets be online at once; nil = not known.
        var onlineLimit: Int?
    }

    /// One place for one board.
    struct Slot: Equatable, Sendable {
        /// 1 to 32 letters, digits, dashes and underscores, unique.
        var name: String
        /// Name of the board profile.
        var profile: String
        /// A place on the USB tree (`usb:1-2.3`), a device path that names a place (by-path, a pty's link), or
        /// `socket://HOST:PORT`; unique.
        var port: String
        /// The fastest rate tried while flashing, bits per second, 9600 to 4000000.
        var maxBaud: Int
        var control: SlotControl
        /// The port path of the board's own USB device, `1-2.3`, where the board is written over USB; unique.
        var usbPath: String?
    }

    /// When a unit is stopped or put aside.
    struct Limits: Equatable, Sendable {
        /// Runs after which a unit that did not pass is on hold, 1 to 20.
        var runsPerUnit: Int
        /// How long a board may wait for the cloud before it goes to the HOLD tray, 10 to 3600 seconds.
        var holdAfter: Duration
        /// Space on the data folder's disk, in MiB: below the first it is told, below the second no board begins.
        var diskWarnMiB = DiskSpace.Limits.standard.warn >> 20
        var diskStopMiB = DiskSpace.Limits.standard.stop >> 20

        static let standard = Limits(runsPerUnit: 3, holdAfter: .seconds(90))

        var disk: DiskSpace.Limits { DiskSpace.Limits(warn: diskWarnMiB << 20, stop: diskStopMiB << 20) }
    }

    /// The watch for devices that no order made.
    struct Watch: Equatable, Sendable {
        /// How often the devices of the orders' products are paged, 10 to 86400 seconds.
        var interval: Duration

        static let standard = Watch(interval: .seconds(300))
    }

    /// Reads and checks a file.
    /// - Throws: ``ConfigurationError`` with every problem at once.
    static func load(_ file: String) throws(ConfigurationError) -> StationConfiguration {
        let text = try readText(file)
        let folder = URL(fileURLWithPath: file).standardizedFileURL.deletingLastPathComponent().path
        return try StationConfiguration(toml: text, file: file, folder: folder)
    }

    /// The text of a configuration file.
    static func readText(_ file: String) throws(ConfigurationError) -> String {
        func refuse(_ sentence: String) -> ConfigurationError {
            ConfigurationError(
                file: file, problems: [ConfigurationProblem(key: "", value: nil, expected: sentence)])
        }
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: file))
        } catch {
            throw refuse("cannot be read: \((error as NSError).localizedDescription)")
        }
        guard let text = String(data: data, encoding: .utf8) else { throw refuse("is not UTF-8 text") }
        return text
    }
}
