/// The contents of a key-value partition of an ESP-IDF firmware (`nvs`, `cred`).
///
/// ``build(_:size:)`` makes the bytes a fresh partition is flashed with, exactly as Espressif's
/// `esp_idf_nvs_partition_gen` does; ``init(parsing:)`` reads a partition that firmware may have changed since, and
/// checks every CRC; ``NVSEditor`` changes one as firmware does. Encrypted partitions must be decrypted first.
public struct NVSPartition: Equatable, Sendable {
    /// One stored value. Prints its key and size, never its value.
    public struct Entry: Equatable, Sendable {
        public var namespace: String
        /// At most 15 bytes.
        public var key: String
        public var value: NVSValue
        public init(namespace: String, key: String, value: NVSValue) {
            self.namespace = namespace
            self.key = key
            self.value = value
        }
    }

    /// A namespace with its keys in the order in which they are written.
    public struct Namespace: Equatable, Sendable {
        public var name: String
        public var entries: [(key: String, value: NVSValue)]
        public init(_ name: String, _ entries: [(key: String, value: NVSValue)]) {
            self.name = name
            self.entries = entries
        }
        public static func == (left: Self, right: Self) -> Bool {
            left.name == right.name
                && left.entries.elementsEqual(right.entries) { $0.key == $1.key && $0.value == $1.value }
        }
    }

    /// What is stored now, in the order in which it was written.
    public let entries: [Entry]

    /// The value under `key`, or nil.
    public func value(_ key: String, in namespace: String) -> NVSValue? {
        entries.last { $0.key == key && $0.namespace == namespace }?.value
    }

    /// The bytes of a fresh partition.
    ///
    /// - Parameter size: a multiple of 4096, at least 12,288; the last page stays erased.
    /// - Throws: ``NVSError`` `size`, `key`, `valueTooLong` or `full`.
    public static func build(_ namespaces: [Namespace], size: Int) throws(NVSError) -> [UInt8] {
        var builder = try NVSBuilder(size: size)
        for (index, namespace) in namespaces.enumerated() {
            guard index < 254 else { throw .full }
            try builder.addNamespace(namespace.name, index: UInt8(index + 1))
            for (key, value) in namespace.entries {
                try builder.add(key: key, value: value, namespace: UInt8(index + 1))
            }
        }
        return builder.bytes(size: size)
    }

    /// Reads a partition; a wholly erased one is empty.
    ///
    /// - Throws: ``NVSError`` for a wrong CRC anywhere in a written entry, an impossible span or a foreign format.
    public init(parsing bytes: [UInt8]) throws(NVSError) {
        let reader = try NVSReader(bytes)
        entries = try reader.entries()
    }
}
