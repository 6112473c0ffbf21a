/// Where the operator's page and its API are served.
public struct OperatorConfiguration: Hashable, Sendable {
    /// Address it listens on: loopback unless the station is opened to the network.
    public var host: String
    /// 0 = one that is free.
    public var port: Int

    public init(host: String = "127.0.0.1", port: Int = 8080) { (self.host, self.port) = (host, port) }
}
