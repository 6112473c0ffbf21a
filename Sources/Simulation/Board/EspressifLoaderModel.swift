public import BoardProtocols

/// An Espressif chip in its download loader, as what answers on a wire: SLIP around a ``LoaderMachine``.
///
/// Starts as the chip is after a reset into the loader, without having printed its ``banner(afterPowerOn:)``. A restart
/// from within sets the rate back and starts the ROM's loader anew; after `run` or `hang` nothing is answered until the
/// owner puts another model in its place.
public struct EspressifLoaderModel: WireModel {
    /// The rate at which the loader listens after a reset, in baud.
    public static let baud = 115_200

    public let chip: EspressifChip
    private let identity: BoardIdentity
    private var machine: LoaderMachine
    private var decoder = SLIP.Decoder(firstBytes: [0])
    private var hasLeft = false

    /// A loader as it is after reset.
    public init(identity: BoardIdentity, flash: FlashChip, chip: EspressifChip = .esp32c3) {
        (self.chip, self.identity) = (chip, identity)
        machine = LoaderMachine(identity: identity, flash: flash, chip: chip)
    }

    /// What the ROM prints when it is strapped into the loader. The ESP8266 prints at 74,880 baud; here the text comes
    /// at the loader's rate, so that it can be read.
    public func banner(afterPowerOn: Bool) -> [UInt8] {
        BootSequence.loaderLines(afterPowerOn: afterPowerOn, chip: chip).flatMap { Array("\($0)\r\n".utf8) }
    }

    /// Whether the RAM stub answers instead of the ROM.
    public var runsStub: Bool { machine.program == .stub }

    public mutating func receive(_ input: [UInt8]) -> [WireAction] {
        guard !hasLeft else { return [] }
        decoder.firstBytes = machine.isStreaming ? nil : [0]
        var actions: [WireAction] = []
        for case .frame(let body) in decoder.push(input) {
            for action in machine.receive(body) where !hasLeft { actions += perform(action) }
        }
        return actions
    }

    private mutating func perform(_ action: LoaderMachine.Action) -> [WireAction] {
        switch action {
        case .send(let body): return [.send(SLIP.encode(body))]
        case .setBaud(let baud): return [.setBaud(baud)]
        case .run:
            hasLeft = true
            return [.setBaud(Self.baud), .run]
        case .restart:
            machine = LoaderMachine(identity: identity, flash: machine.flash, chip: chip)
            return [.setBaud(Self.baud), .restart]
        case .hang:
            hasLeft = true
            return [.hang]
        }
    }
}
