/// A device's open connection, as far as its eviction needs it.
struct LiveSession: Sendable {
    let number: UInt64
    /// Ends the connection; may be called from anywhere, more than once.
    let close: @Sendable () -> Void
}
