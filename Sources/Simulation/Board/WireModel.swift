/// What answers the bytes of a board's client: a loader, a bootloader, a module's command interpreter.
///
/// Knows nothing of wires and time: bytes in, actions out, each on the board's own thread.
public protocol WireModel: Sendable {
    /// Takes the bytes that arrived, in any portions, and says what the board does about them, in order.
    mutating func receive(_ input: [UInt8]) -> [WireAction]
}

/// What a board does about bytes from its client.
public enum WireAction: Equatable, Sendable {
    /// These bytes leave at the present rate.
    case send([UInt8])
    /// These bytes leave once the time has passed: work on the board takes its while.
    case sendAfter(Duration, [UInt8])
    /// The UART's rate from now on, in baud.
    case setBaud(Int)
    /// Leave the loader and boot from flash.
    case run
    /// Reset by software into the program that answers now.
    case restart
    /// Silence until the next reset.
    case hang
    /// The board is pulled off its wire at this very moment; of a ``WireHost`` alone.
    case unplug
}
