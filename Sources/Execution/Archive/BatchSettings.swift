public import Provisioning
public import Reports

/// What archives of batches are written with.
public struct BatchSettings: Sendable {
    /// The station's id; nil = the journal tells it.
    public let station: String?
    /// The program's version.
    public let software: String
    /// Who signs; the key is made when it is asked for first.
    public let signer: @Sendable () throws -> BatchArchive.Signer
    /// How the report is printed: pages by their file's name.
    public let pages: @Sendable (Report) throws -> [String: String]

    /// The configuration in force, as `station.configured` records it; null = there is none. Reads the board profiles' files.
    public let configuration: @Sendable () -> JSONValue

    public init(
        station: String?, software: String, configuration: @escaping @Sendable () -> JSONValue = { nil },
        signer: @escaping @Sendable () throws -> BatchArchive.Signer,
        pages: @escaping @Sendable (Report) throws -> [String: String]
    ) {
        (self.station, self.software, self.configuration) = (station, software, configuration)
        (self.signer, self.pages) = (signer, pages)
    }
}
