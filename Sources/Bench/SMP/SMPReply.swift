public import BoardProtocols

/// How a server answered one request.
public enum SMPReply: Equatable, Sendable {
    /// The answer's map.
    case answer(CBOR)
    /// The server's error.
    case refused(SMPRefusal)
}
