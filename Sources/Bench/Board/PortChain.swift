import Glibc

/// The unbroken chain between two identity readings: the port is the same position all the while.
///
/// What a port's name leads to may change by the expected reset, as a device that comes back gets a new number; the name,
/// which stands for the position, must lead to something each time it is looked at.
struct PortChain {
    private let port: PortAddress
    private let began: ContinuousClock.Instant
    /// The longest the board may be out of sight.
    private static let limit = Duration.seconds(600)

    /// - Throws: ``LoaderError`` `portLost` where nothing is at the port.
    init(_ port: PortAddress) throws(LoaderError) {
        (self.port, began) = (port, .now)
        try insistUnbroken()
    }

    /// - Throws: ``LoaderError`` `portLost`, with what is known.
    func insistUnbroken() throws(LoaderError) {
        guard port.isPresent() else {
            throw LoaderError(.portLost, "\(port) went away while the board could not say who it is")
        }
        guard ContinuousClock.now - began < Self.limit else {
            throw LoaderError(.otherBoard, "the board could not say who it is for more than \(Self.limit)")
        }
    }
}
