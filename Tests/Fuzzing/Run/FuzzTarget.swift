/// One place where bytes of strangers are read, and what must hold for any bytes.
///
/// The body reads them by the shipped code and throws ``Broken`` where a property does not hold: what was read and is
/// written again reads the same, portions make no difference, a refusal is a typed error. That the program does not trap,
/// takes no memory ahead and ends soon is for whoever runs the target: ``FuzzRun`` in tests, libFuzzer in `fuzz`.
public struct FuzzTarget: Sendable, CustomStringConvertible {
    /// Small letters and dashes; the folder of its seeds in `Fixtures` has the same name.
    public let name: String
    /// Longest input, in bytes.
    public let limit: Int
    /// Inputs to begin with, beside the files in `Fixtures`.
    public let seeds: [[UInt8]]
    /// Words of the format, which mutations put in.
    public let words: [[UInt8]]
    /// Makes check values fit again, so that mutations get past them; nil for formats without.
    public let mend: (@Sendable ([UInt8]) -> [UInt8])?
    /// Mutations in the plain run of the tests: so many that all targets together take less than a minute.
    public let count: Int
    /// Reads an input. Throws ``Broken``.
    public let check: @Sendable ([UInt8]) throws -> Void

    public init(
        _ name: String, limit: Int = 4096, seeds: [[UInt8]] = [], words: [String] = [], count: Int = 500,
        mend: (@Sendable ([UInt8]) -> [UInt8])? = nil, check: @escaping @Sendable ([UInt8]) throws -> Void
    ) {
        (self.name, self.limit, self.seeds, self.count) = (name, limit, seeds, count)
        (self.mend, self.check) = (mend, check)
        self.words = words.map { Array($0.utf8) }
    }

    public var description: String { name }
}

/// A property that does not hold, as a sentence.
public struct Broken: Error, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}

/// Throws ``Broken`` unless `condition` holds.
public func insist(_ condition: Bool, _ sentence: @autoclosure () -> String) throws(Broken) {
    if !condition { throw Broken(sentence()) }
}

/// Throws ``Broken`` unless both are equal.
public func insist<Value: Equatable>(_ found: Value, equals wanted: Value, _ what: String) throws(Broken) {
    if found != wanted { throw Broken("\(what): expected \(wanted), received \(found)") }
}

/// What `read` returns; nil where it refuses with an error of the type that it states. What such an error says of itself
/// must be words, unless it leaves them to its caller.
public func orRefusal<Value, Failure: Error>(_ read: () throws(Failure) -> Value) throws(Broken) -> Value? {
    do {
        return try read()
    } catch {
        let refusal: Any = error
        guard let said = refusal as? any CustomStringConvertible else { return nil }
        try insist(said.description.split(separator: " ").count > 2, "a refusal without a sentence: \(said)")
        return nil
    }
}
