/// The UART as the application sees it. The board that hands it out makes both do nothing once the application was
/// stopped.
struct FirmwareUART: Sendable {
    /// Prints one console line.
    let print: @Sendable (String) async -> Void
    /// Starts to take lines, and forgets what came in before; the stream ends with the application.
    let listen: @Sendable () async -> AsyncStream<ConsoleLineReader.Item>
}
