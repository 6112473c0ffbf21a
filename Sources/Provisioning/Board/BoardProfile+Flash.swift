extension BoardProfile {
    /// How the board's flash is written, and what belongs where.
    public struct Flash: Hashable, Sendable {
        /// The way into the flash.
        public enum Method: String, Sendable, CaseIterable {
            /// The serial loader of Espressif's chips.
            case espressif
        }

        public let method: Method
        /// The firmware's regions in the order in which they are written.
        public let regions: [Region]
        /// The region that takes the product credential and nothing else. The firmware never writes it.
        public let credential: CredentialRegion
        /// Regions that no run writes or erases: there the firmware keeps its own device credential.
        public let preserved: [PreservedRegion]

        public init(
            method: Method, regions: [Region], credential: CredentialRegion, preserved: [PreservedRegion]
        ) {
            (self.method, self.regions, self.credential, self.preserved) = (method, regions, credential, preserved)
        }

        /// The smallest piece of flash that can be erased, in bytes.
        public static let sectorSize = 4096

        /// Every pair of areas that share an erase sector, in the order in which the profile lists them.
        public var conflicts: [Conflict] {
            let areas =
                regions.map { Area(name: $0.name, offset: $0.offset, size: $0.size) }
                + [Area(name: credential.name, offset: credential.offset, size: credential.size)]
                + preserved.map { Area(name: $0.name, offset: $0.offset, size: $0.size) }
            return Self.conflicts(among: areas)
        }

        /// Every pair of `areas` that share an erase sector, in their order. Areas without bytes conflict with none.
        public static func conflicts(among areas: [Area]) -> [Conflict] {
            var found: [Conflict] = []
            for (index, first) in areas.enumerated() {
                for second in areas[(index + 1)...] where first.sectors.overlaps(second.sectors) {
                    found.append(Conflict(first: first, second: second))
                }
            }
            return found
        }
    }

    /// One region of the firmware.
    public struct Region: Hashable, Sendable {
        public let name: String
        public let offset: Int
        /// Bytes kept for it; the release's image may be shorter.
        public let size: Int
        /// The image's file name in a release's folder.
        public let file: String

        public init(name: String, offset: Int, size: Int, file: String) {
            (self.name, self.offset, self.size, self.file) = (name, offset, size, file)
        }
    }

    /// The region in which the board finds the product credential.
    public struct CredentialRegion: Hashable, Sendable {
        /// How the credential is laid out.
        public enum Format: String, Sendable, CaseIterable {
            /// An NVS partition of ESP-IDF with two string entries.
            case nvs
        }

        public let name: String
        public let offset: Int
        public let size: Int
        public let format: Format
        /// The NVS namespace of both entries, at most 15 bytes.
        public let namespace: String
        /// The NVS key of the ProductKey, at most 15 bytes.
        public let productKeyName: String
        /// The NVS key of the ProductSecret, at most 15 bytes.
        public let productSecretName: String

        public init(
            name: String, offset: Int, size: Int, format: Format, namespace: String, productKeyName: String,
            productSecretName: String
        ) {
            (self.name, self.offset, self.size, self.format) = (name, offset, size, format)
            (self.namespace, self.productKeyName) = (namespace, productKeyName)
            self.productSecretName = productSecretName
        }
    }

    /// A region that belongs to the board alone.
    public struct PreservedRegion: Hashable, Sendable {
        public let name: String
        public let offset: Int
        public let size: Int

        public init(name: String, offset: Int, size: Int) {
            (self.name, self.offset, self.size) = (name, offset, size)
        }
    }

    /// A named stretch of flash.
    public struct Area: Hashable, Sendable {
        public let name: String
        public let offset: Int
        public let size: Int

        public init(name: String, offset: Int, size: Int) {
            (self.name, self.offset, self.size) = (name, offset, size)
        }

        /// Numbers of the erase sectors that the area touches.
        var sectors: Range<Int> {
            guard size > 0, offset >= 0 else { return 0..<0 }
            let end = (offset + size + Flash.sectorSize - 1) / Flash.sectorSize
            return offset / Flash.sectorSize..<end
        }
    }

    /// Two areas that cannot be erased apart.
    public struct Conflict: Hashable, Sendable, CustomStringConvertible {
        public let first: Area
        public let second: Area

        public var description: String { "\(Self.text(second)) overlaps \(Self.text(first))" }

        private static func text(_ area: Area) -> String {
            "\(area.name) (0x\(String(area.offset, radix: 16)) to 0x\(String(area.offset + area.size, radix: 16)))"
        }
    }
}
