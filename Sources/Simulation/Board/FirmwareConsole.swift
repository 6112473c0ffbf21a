import Crypto
import Provisioning

/// The firmware's command console, over which a board without a network gets its device credential: the relay.
///
/// It takes lines from the UART once the firmware has printed `app: ready`, until the next reset:
///
///     credential set DEVICESECRET             I (ms) app: credential stored
///     credential set CLIENTID DEVICETOKEN     E (ms) app: credential refused: WHY
///     credential prove NONCE                  I (ms) app: credential proof HEX
///                                             E (ms) app: credential missing
///     wifi join SSID PASSWORD                 I (ms) app: wifi joined SSID
///                                             E (ms) app: wifi refused
///     wifi forget                             I (ms) app: wifi forgotten
///     wifi show                               I (ms) app: wifi none, or: wifi SSID
///     debug show                              I (ms) app: debug off
///     a line of more than 512 bytes           E (ms) app: command too long
///     any other line                          W (ms) app: unknown command
///
/// - A line ends with CR, LF or CR LF; words stand apart by one space each. Each line has one answer, in order; an
///   empty line has none, so a client that sends a line end first is rid of what came in before. Nothing is echoed.
/// - `set` writes the credential into partition `nvs` in place of any earlier one of either kind, and answers when it
///   has read it back. The parts are 1 to 128 bytes of printable ASCII; no answer ever holds one.
/// - HEX is 64 lower-case digits: HMAC-SHA256 of the bytes of NONCE, its key the bytes of the DeviceSecret, or of the
///   DeviceToken where there is a pair, read from flash at that moment.
/// - What comes in while 64 lines wait is dropped, as a real driver's buffer would.
struct FirmwareConsole: Sendable {
    /// One line of answer, without time and tag.
    struct Answer: Equatable, Sendable {
        var level: FirmwareLog.Level
        var text: String
    }

    /// Lines that may wait.
    static let backlog = 64

    let store: CredentialStore
    /// Fault: says `stored`, but keeps it until the next reset only.
    let forgets: Bool
    /// Fault: the proof is of other bytes than the nonce's.
    let provesWrongly: Bool
    /// Fault where false: no network can be joined.
    var joins = true
    /// Fault: says that the network is forgotten, and keeps it.
    var keepsNetwork = false
    /// Says that a network was joined or left.
    var setNetwork: @Sendable (Bool) -> Void = { _ in }

    /// Answers lines until they end or the task is cancelled.
    func run(_ lines: AsyncStream<ConsoleLineReader.Item>, _ log: FirmwareLog) async {
        for await item in lines {
            let answer = answer(to: item)
            await log.line(answer.level, "app", answer.text)
        }
    }

    func answer(to item: ConsoleLineReader.Item) -> Answer {
        guard case .line(let line) = item else { return Answer(level: .error, text: "command too long") }
        let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false).map(Array.init)
        let command = words.prefix(2).map { String(decoding: $0, as: UTF8.self) }
        switch (command, words.count) {
        case (["credential", "set"], 3): return set(clientID: nil, key: words[2])
        case (["credential", "set"], 4): return set(clientID: words[2], key: words[3])
        case (["credential", "prove"], 3) where !words[2].isEmpty: return prove(words[2])
        case (["wifi", "join"], 4): return join(String(decoding: words[2], as: UTF8.self))
        case (["wifi", "forget"], 2):
            if !keepsNetwork { store.storeNetwork(nil) }
            setNetwork(false)
            return Answer(level: .info, text: "wifi forgotten")
        case (["wifi", "show"], 2): return Answer(level: .info, text: "wifi \(store.readNetwork() ?? "none")")
        case (["debug", "show"], 2): return Answer(level: .info, text: "debug off")
        default: return Answer(level: .warning, text: "unknown command")
        }
    }

    private func set(clientID: [UInt8]?, key: [UInt8]) -> Answer {
        let credential: DeviceCredential
        do {
            credential = try DeviceCredential(clientID: clientID, key: key)
        } catch {
            return Answer(level: .error, text: "credential refused: \(error.text)")
        }
        if forgets {
            store.storeUntilReset(credential)
        } else if !store.store(credential) {
            return Answer(level: .error, text: "credential refused: it cannot be kept in partition nvs")
        }
        return Answer(level: .info, text: "credential stored")
    }

    /// The password is not kept: the simulated air takes any.
    private func join(_ ssid: String) -> Answer {
        guard joins, store.storeNetwork(ssid) else { return Answer(level: .error, text: "wifi refused") }
        setNetwork(true)
        return Answer(level: .info, text: "wifi joined \(ssid)")
    }

    private func prove(_ nonce: [UInt8]) -> Answer {
        guard let credential = store.read() else { return Answer(level: .error, text: "credential missing") }
        // The wrong one signs the NUL behind its text too.
        let message = provesWrongly ? nonce + [0] : nonce
        let code = credential.key.withBytes {
            HMAC<SHA256>.authenticationCode(for: message, using: SymmetricKey(data: $0))
        }
        return Answer(level: .info, text: "credential proof " + code.map { hex(Int($0), digits: 2) }.joined())
    }
}
