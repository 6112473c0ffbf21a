/// One refused registration or connection with its true reason, from the stand-in's own log.
public struct ListedRefusal: Codable, Equatable, Sendable {
    /// `Utc…` text.
    public var time: String
    /// `mqtt register`, `mqtt connect` or `https register`.
    public var channel: String
    public var product: String
    public var device: String
    public var reason: String
}
