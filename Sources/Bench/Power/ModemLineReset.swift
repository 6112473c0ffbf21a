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
        }
    }

    /// Resets into a normal boot.
    func run() throws(LinkError) {
        try hold()
        try link.pause(.milliseconds(100))
        try release()
    }

    /// Holds the chip in reset: it can do nothing until ``release()``.
    func hold() throws(LinkError) { try set(false, true) }

    func release() throws(LinkError) { try set(false, false) }

    private func set(_ dtr: Bool, _ rts: Bool) throws(LinkError) { try link.setLines(dtr: dtr, rts: rts) }
}
