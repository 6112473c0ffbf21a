public import Provisioning

/// An Alibaba Cloud AccessKey: its id is public, its secret signs.
public struct AccessKey: Sendable, Equatable {
    public let id: String
    public let secret: Secret

    public init(id: String, secret: Secret) {
        self.id = id
        self.secret = secret
    }
}
