import BoardProtocols

/// An SMP server behind a UART: MCUboot's serial recovery with one slot, or a running application with two.
///
/// Serial recovery answers ECHO, RESET, the image list and uploads, always with the first protocol's errors, checks
/// images before it lists them and starts an upload anew at offset 0. An application has both slots, goes on with a
/// broken upload of the same SHA-256, and knows image states, settings, a shell and OS info.
///
/// Behaviour after MCUboot's boot_serial and Zephyr's image management, as their documentation and sources describe it.
public struct SMPServerModel: WireModel {
    public enum Mode: Sendable, Equatable { case recovery, application }

    public private(set) var mode: Mode
    public let flash: FlashChip
    /// The primary slot, and in an application the spare one.
    public let slots: [SMPSlot]
    public var faults = SMPFaults()
    /// Bytes of a frame with length and CRC that fit: what MCUmgr parameters answers.
    public var bufferSize = 384
    /// The chip's id, as `hwinfo devid` prints it.
    public var deviceID: [UInt8] = [0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77]
    /// Whether image lists carry hashes; MCUboot may be built without.
    public var listsHashes = true
    /// Whether an upload ends with the server's own check (`match`); Zephyr may be built with it.
    public var checksUploads = false
    /// Whether a broken upload goes on where it was.
    public var resumesUploads: Bool

    /// Whether requests of the second version go unanswered, as they do with old servers.
    public var knowsOnlyFirstVersion = false

    /// The commands that were carried out, in order.
    public internal(set) var handled: [SMPFaults.Command] = []
    /// The spare image boots next, to stay (true) or for a test (false).
    public internal(set) var pending: Bool?
    /// The running image was confirmed; otherwise the next boot goes back.
    public internal(set) var isConfirmed = true
    var upload: Upload?
    var settings: SMPSettings

    private var decoder = SMPFrame.Decoder()

    /// An image on its way.
    struct Upload: Sendable {
        var slot: SMPSlot
        var length: Int
        var sha256: [UInt8]
        var offset = 0
    }

    /// - Parameters:
    ///   - slots: one for `recovery`, two of equal size for `application`.
    ///   - settingsOffset: of the sector that an application's settings are saved to.
    public init(_ mode: Mode, flash: FlashChip, slots: [SMPSlot], settingsOffset: Int = 0x3F_F000) {
        precondition(slots.count == (mode == .recovery ? 1 : 2), "recovery has one slot, an application two")
        (self.mode, self.flash, self.slots) = (mode, flash, slots)
        resumesUploads = mode == .application
        settings = SMPSettings(offset: settingsOffset, in: flash)
    }

    public mutating func receive(_ input: [UInt8]) -> [WireAction] {
        var actions: [WireAction] = []
        for item in decoder.push(input) {
            guard case .message(let bytes) = item, let request = try? SMPMessage(parsing: bytes),
                request.operation.answer != nil, !knowsOnlyFirstVersion || request.version == 0
            else { continue }
            actions += answer(request)
        }
        return actions
    }

    /// What one command leads to.
    struct Outcome {
        var body: [CBOR.Entry]
        var delay = Duration.zero
        /// Done once the answer is on its way.
        var after: WireAction?

        init(_ body: [CBOR.Entry] = [], delay: Duration = .zero, after: WireAction? = nil) {
            (self.body, self.delay, self.after) = (body, delay, after)
        }
    }

    private mutating func answer(_ request: SMPMessage) -> [WireAction] {
        let command = SMPFaults.Command(request.group, request.command)
        var outcome: Outcome
        do throws(SMPRefusal) {
            if let code = faults.refusals[command] { throw SMPRefusal(code: code) }
            outcome = try carryOut(request)
            handled.append(command)
            // MCUboot states success too.
            if mode == .recovery, request.group == SMPGroup.image, request.operation == .write {
                outcome.body.insert(.init("rc", .integer(0)), at: 0)
            }
        } catch {
            outcome = Outcome(self.body(of: error, version: request.version))
        }
        guard faults.silences == 0 else {
            faults.silences -= 1
            return []
        }
        let message = SMPMessage(
            request.operation.answer ?? .readAnswer, version: request.version, group: request.group,
            command: request.command, sequence: request.sequence, body: .map(outcome.body))
        var frame = SMPFrame.encode(message.encoded)
        if faults.badCRCs > 0 {
            faults.badCRCs -= 1
            // The first character of the message itself: length and alphabet stay right.
            frame[6] = frame[6] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
        }
        let bytes = faults.chatter + frame
        let sending = outcome.delay == .zero ? WireAction.send(bytes) : .sendAfter(outcome.delay, bytes)
        return [sending] + (outcome.after.map { [$0] } ?? [])
    }

    /// Common codes are `rc` in both versions where the handler has no codes of its own.
    private func body(of refusal: SMPRefusal, version: UInt8) -> [CBOR.Entry] {
        guard let group = refusal.group else { return [.init("rc", .integer(Int64(refusal.code)))] }
        guard version > 0 else { return [.init("rc", .integer(Int64(Self.common(refusal))))] }
        return [
            .init(
                "err",
                .map([.init("group", .integer(Int64(group))), .init("rc", .integer(Int64(refusal.code)))]))
        ]
    }

    /// What a group's code becomes for a client of the first version.
    private static func common(_ refusal: SMPRefusal) -> Int { refusal.isNoEntry ? 5 : 3 }

    private mutating func carryOut(_ request: SMPMessage) throws(SMPRefusal) -> Outcome {
        switch request.group {
        case SMPGroup.os: try handleOS(request)
        case SMPGroup.image: try handleImage(request)
        case SMPGroup.settings where mode == .application: try handleSettings(request)
        case SMPGroup.shell where mode == .application: try handleShell(request)
        default: throw .notSupported
        }
    }
}

extension SMPRefusal {
    static let invalid = SMPRefusal(code: 3)
    static let notSupported = SMPRefusal(code: 8)
}
