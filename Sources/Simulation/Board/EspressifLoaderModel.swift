import BoardProtocols

/// Espressif's download loader on the wire: frames in SLIP around a ``LoaderMachine``.
/// A value that its board alone holds: the inflater inside is never shared, which is what `@unchecked` says.
struct EspressifLoaderModel: WireModel, @unchecked Sendable {
    private var machine: LoaderMachine
    private var decoder = SLIP.Decoder(firstBytes: [0])
    private let identity: BoardIdentity
    private let flash: FlashChip

    /// A loader as it is after reset.
    init(identity: BoardIdentity, flash: FlashChip, chip: EspressifChip = .esp32c3) {
        (self.identity, self.flash) = (identity, flash)
        machine = LoaderMachine(identity: identity, flash: flash, chip: chip)
    }

    mutating func receive(_ input: [UInt8]) -> [WireAction] {
        decoder.firstBytes = machine.isStreaming ? nil : [0]
        var actions: [WireAction] = []
        for case .frame(let body) in decoder.push(input) {
            actions += machine.receive(body).map { action in
                switch action {
                case .send(let body): .send(SLIP.encode(body))
                case .setBaud(let baud): .setBaud(baud)
                case .run: .run
                case .restart: .restart
                case .hang: .hang
                }
            }
        }
        return actions
    }
}
