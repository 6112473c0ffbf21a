/// What a simulated AT module is and how it behaves.
public struct ATModuleSettings: Sendable {
    /// Which command set answers.
    public enum Personality: String, Sendable, CaseIterable {
        /// A Wi-Fi module with ESP-AT.
        case espAT = "esp-at"
        /// An LTE Cat 1 module with the commands of 3GPP TS 27.007 and files as Quectel's.
        case lteCat1 = "lte-cat1"
    }

    /// How AT+CGSN answers.
    public enum SerialForm: String, Sendable, CaseIterable {
        /// `+CGSN: "…"` for =0, =1, =2; bare without argument.
        case quoted
        /// `+CGSN:…` without blank and quotes.
        case unquoted
        /// The argument is ignored and the bare IMEI given, as old modules do.
        case ignoresArgument = "ignores-argument"
    }

    public var personality: Personality
    /// `aa:bb:cc:dd:ee:ff`.
    public var mac = "7c:df:a1:00:00:04"
    public var imei = "490154203237518"
    /// The module's own serial number, AT+CGSN=0.
    public var serial = "MP1624C19000042"
    /// nil = no SIM card.
    public var iccid: String? = "89860123456789012348"
    public var maker = "Quectel"
    public var model = "EC800M"
    public var firmware = "EC800MCNGAR06A01M08"
    public var serialForm = SerialForm.quoted
    /// The number of the SIM card carries a trailing F.
    public var padsICCID = false
    /// Echo after a reset.
    public var echoes = true
    /// ATE0 is refused.
    public var keepsEcho = false
    /// Results are digits after a reset (ATV0).
    public var isNumeric = false
    /// Errors are words whatever AT+CMEE says.
    public var namesErrors = false
    /// Put in turn before every line of an answer.
    public var unsolicited: [String] = []
    /// So many lines after a reset find nobody: the rate is still unknown.
    public var deafLines = 0
    /// Every answer comes after this time.
    public var delay: Duration?
    /// So many bytes of noise come before every line of an answer, none of them a line's end.
    public var garbage = 0
    /// Damages about this part of all answered bytes, 0 to 1.
    public var damage = 0.0
    /// `OK` comes before the prompt too.
    public var confirmsBeforePrompt = false
    /// A refusal quotes the command, as some firmware does: a station must not hand that on where it holds a secret.
    public var repeatsCommandInErrors = false
    /// AT+SYSFLASH and AT+SYSMFG reach these; `mfg_nvs` is the manufacturing partition, `ufs` holds files.
    public var partitions: [PartitionTable.Partition]

    public init(_ personality: Personality) {
        self.personality = personality
        switch personality {
        case .espAT:
            partitions = [
                .init("mfg_nvs", type: 1, subtype: 2, offset: 0x21000, size: 0x6000),
                .init("user_data", type: 1, subtype: 0x40, offset: 0x30000, size: 0x20000),
            ]
        case .lteCat1:
            partitions = [.init("ufs", type: 1, subtype: 2, offset: 0x10000, size: 0x6000)]
        }
    }
}

/// What a module did that its owner must act on.
public enum ATModuleEvent: Sendable, Equatable {
    /// AT+RST, AT+RESTORE or AT+CFUN=1,1.
    case reset
    /// Associated with an access point and has an address.
    case joined(ssid: String)
    /// Left its access point.
    case left
}
