public import Foundation

/// The file by which a simulation says that it is ready, and where it is reached: JSON, written whole.
public enum BoardReadyFile {
    private struct Fixture: Encodable { let slots: [SimulatedFixture.SlotAddress] }

    /// For `simulate fixture`: `{"slots":[{"name","port","control"}]}`.
    public static func write(_ addresses: [SimulatedFixture.SlotAddress], to file: URL) throws {
        try write(encodable: Fixture(slots: addresses), to: file)
    }

    /// For `simulate board`: `{"name","port","control"}`.
    public static func write(_ address: SimulatedFixture.SlotAddress, to file: URL) throws {
        try write(encodable: address, to: file)
    }

    private static func write(encodable: some Encodable, to file: URL) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // `.atomic` writes beside the file and renames.
        try encoder.encode(encodable).write(to: file, options: .atomic)
    }
}
