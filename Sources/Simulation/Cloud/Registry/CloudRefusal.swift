/// A refused registration or connection with its true reason, which the device is not told.
struct CloudRefusal: Sendable {
    /// Milliseconds since 1970.
    let time: Int64
    /// `mqtt register`, `mqtt connect` or `https register`.
    let channel: String
    let product: String
    let device: String
    let reason: String
}
