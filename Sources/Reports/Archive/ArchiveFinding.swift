/// A place in an archive that is not as it was signed.
public struct ArchiveFinding: Hashable, Sendable, CustomStringConvertible {
    /// Path within the archive's folder.
    public let file: String
    /// From 1; nil where no line can be named: a file that is missing, or one that does not belong there.
    public let line: Int?
    public let expected: String
    public let received: String

    public init(_ file: String, line: Int? = nil, expected: String, received: String) {
        (self.file, self.line, self.expected, self.received) = (file, line, expected, received)
    }

    public var description: String {
        "\(file)\(line.map { " line \($0)" } ?? ""): expected \(expected), received \(received)"
    }
}

/// Why an archive cannot be written or read at all.
public struct ArchiveError: Error, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
