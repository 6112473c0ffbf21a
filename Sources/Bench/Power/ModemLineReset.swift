/// The pulses on DTR and RTS that reset a board.
///
/// EN is low while RTS is set and DTR is not; the boot pin is low while DTR is set and RTS is not; equal lines touch
/// neither. Source: Espressif "Boot Mode Selection", automatic bootloader.
struct ModemLineReset {
    let circuit: PowerControl.Circuit
    let link: any BoardLink

    /// Resets into the loader. Every other attempt holds the boot pin longer, for boards with a large capacitor at EN.
    func enterLoader(attempt: Int) throws(LinkError) {
        switch circuit {
        case .classic:
            try set(false, false)
            try set(true, true)
            try set(false, true)
            try link.pause(.milliseconds(100))
            try set(true, false)
            try link.pause(.milliseconds(attempt % 2 == 1 ? 50 : 550))
            try set(false, false)
        case .usbSerialJTAG:
            try set(false, false)
            try link.pause(.milliseconds(100))
            try set(true, false)
            try link.pause(.milliseconds(100))
            try set(true, true)
            try set(false, true)
            try link.pause(.milliseconds(100))
            try set(false, false)
        case .custom(let sequences): try play(sequences.loader)
        }
    }

    /// Resets into a normal boot.
    func run() throws(LinkError) {
        if case .custom(let sequences) = circuit { return try play(sequences.run) }
        try hold()
        try link.pause(.milliseconds(100))
        try release()
    }

    /// Holds the chip in reset: it can do nothing until ``release()``.
    func hold() throws(LinkError) {
        if case .custom(let sequences) = circuit { try play(sequences.off) } else { try set(false, true) }
    }

    func release() throws(LinkError) {
        if case .custom(let sequences) = circuit { try play(sequences.on) } else { try set(false, false) }
    }

    private func play(_ steps: [LineSequences.Step]) throws(LinkError) {
        var (dtr, rts) = (false, false)
        for step in steps {
            (dtr, rts) = (step.dtr ?? dtr, step.rts ?? rts)
            if step.dtr != nil || step.rts != nil { try set(dtr, rts) }
            if step.pause > .zero { try link.pause(step.pause) }
        }
    }

    private func set(_ dtr: Bool, _ rts: Bool) throws(LinkError) { try link.setLines(dtr: dtr, rts: rts) }
}
