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

    public init(
        station: String?, software: String, signer: @escaping @Sendable () throws -> BatchArchive.Signer,
        pages: @escaping @Sendable (Report) throws -> [String: String]
    ) {
        (self.station, self.software, self.signer) = (station, software, signer)
        self.pages = pages
    }
}
