/// The kinds of boards that can be simulated, named as the shipped board profiles.
public enum SimulatedFamily: String, Sendable, Codable, CaseIterable {
    case esp32c3

    /// How it works inside.
    var family: any BoardFamily {
        switch self {
        case .esp32c3: EspressifFamily()
        }
    }

    /// The files of a release for this kind of board, by name.
    /// - Throws: ``BoardError`` with code `image`.
    public func images(version: String) throws(BoardError) -> [String: [UInt8]] { try family.images(version: version) }
}
