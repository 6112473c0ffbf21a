/// What goes wrong between the station and the cloud before any call is understood.
public enum WireFault: String, CaseIterable, Sendable {
    /// Nobody listens on the port.
    case refused
    /// The connection is accepted, and the TLS handshake never answered.
    case halfOpen = "half-open"
    /// The connection is accepted and closed at once.
    case closed
    /// The connection is closed in the middle of the TLS handshake.
    case cutHandshake = "cut-handshake"
    /// The certificate is signed by an authority that nobody trusts.
    case wrongAuthority = "wrong-ca"
    /// The certificate is over.
    case expired
    /// The certificate is not valid yet, as a clock that is behind sees it.
    case notYetValid = "not-yet-valid"
    /// The certificate is for another host.
    case otherName = "other-name"
    /// The request arrives and is carried out; from then on every byte of the answer is disturbed.
    case corrupt
    /// The request arrives and is carried out; then nothing comes any more, not even an end.
    case deaf

    /// Whether a request gets through, so that only its answer suffers.
    public var isCarriedOut: Bool { self == .corrupt || self == .deaf }
}
