public import Provisioning

/// Which commands tell a module's identity, as a board profile names them.
public struct ATIdentityCommands: Sendable, Hashable {
    /// Where the identity that becomes the DeviceName is read.
    public enum Identity: Sendable, Hashable {
        /// The IMEI, by `AT+CGSN=1`, `AT+CGSN`, `AT+GSN` or `AT+EGMR=0,7`.
        case imei(command: String)
        /// The MAC address, by `AT+CIPSTAMAC?`.
        case mac(command: String)
        /// A serial number; the pattern's first group takes it from an information line.
        case sn(command: String, pattern: ConsolePattern)
    }

    public var identity: Identity
    /// `AT+QCCID`, `AT+CCID`, `AT+ICCID`; nil = no SIM card to read.
    public var iccidCommand: String?
    /// The module's own serial number where it has one besides the identity, such as `AT+CGSN=0`; nil = none.
    public var serialCommand: String?
    /// `AT+CGMM`, `AT+GMR`.
    public var modelCommand: String
    /// `AT+CGMR`, `AT+GMR`; nil = not read.
    public var firmwareCommand: String?
    /// How many consecutive MAC addresses the module uses.
    public var addressCount: Int

    public init(
        identity: Identity, iccidCommand: String? = nil, serialCommand: String? = nil, modelCommand: String,
        firmwareCommand: String? = nil, addressCount: Int = 1
    ) {
        (self.identity, self.iccidCommand, self.serialCommand) = (identity, iccidCommand, serialCommand)
        (self.modelCommand, self.firmwareCommand, self.addressCount) = (modelCommand, firmwareCommand, addressCount)
    }

    /// A Wi-Fi module with ESP-AT.
    public static let espAT = ATIdentityCommands(
        identity: .mac(command: "AT+CIPSTAMAC?"), modelCommand: "AT+GMR", firmwareCommand: "AT+GMR", addressCount: 4)
    /// An LTE module after 3GPP TS 27.007 with Quectel's command for the SIM card's number.
    public static let lte = ATIdentityCommands(
        identity: .imei(command: "AT+CGSN=1"), iccidCommand: "AT+QCCID", modelCommand: "AT+CGMM",
        firmwareCommand: "AT+CGMR")
}
