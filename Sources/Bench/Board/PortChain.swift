/// The unbroken chain between two identity readings of a board that cannot say who it is in between.
///
/// What is behind the port must stay what it was; only a power action of the slot may make it enumerate anew, once, and at
/// the same place under the same name.
struct PortChain {
    private let port: PortAddress
    private let began = ContinuousClock.now
    private var stamp: PortStamp
    /// The longest the board may be without a reading.
    private static let limit = Duration.seconds(900)

    /// - Throws: ``LoaderError`` `portLost` where nothing is at the port.
    init(_ port: PortAddress) throws(LoaderError) {
        guard let stamp = PortStamp.stamp(of: port) else {
            throw LoaderError(.portLost, "\(port) is not there")
        }
        (self.port, self.stamp) = (port, stamp)
    }

    /// After a power action: the device may have come back, as the same place and name.
    /// - Throws: ``LoaderError`` `portLost`, `portChanged`.
    mutating func acceptReenumeration() throws(LoaderError) {
        guard let now = PortStamp.stamp(of: port) else {
            throw LoaderError(.portLost, "\(port) did not come back after the power action")
        }
        guard [.same, .reenumerated].contains(stamp.change(to: now)) else { throw changed(now) }
        stamp = now
    }

    /// - Throws: ``LoaderError`` `portLost`, `portChanged`, `otherBoard` with what is known.
    func insistUnbroken() throws(LoaderError) {
        guard let now = PortStamp.stamp(of: port) else {
            throw LoaderError(.portLost, "\(port) went away while the board could not say who it is")
        }
        guard stamp.change(to: now) == .same else { throw changed(now) }
        guard ContinuousClock.now - began < Self.limit else {
            throw LoaderError(.otherBoard, "the board could not say who it is for more than \(Self.limit)")
        }
    }

    private func changed(_ now: PortStamp) -> LoaderError {
        LoaderError(
            .portChanged,
            "\(port) went away and came back while the board could not say who it is: it may be another board",
            expected: stamp.tty, received: now.tty)
    }
}
