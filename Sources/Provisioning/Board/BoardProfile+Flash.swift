extension BoardProfile {
    /// How the board's flash is written, and what belongs where.
    public struct Flash: Hashable, Sendable {
        /// The way into the flash.
        public enum Method: String, Sendable, CaseIterable {
            /// The serial loader of Espressif's chips.
            case espressif
            /// The UART bootloader in the ROM of ST's microcontrollers (AN3155).
            case stm32UART = "stm32-uart"
            /// USB DFU 1.1, or ST's DfuSe where the device says so.
            case dfu
            /// Image upload over SMP to MCUboot's serial recovery.
            case smp
            /// AT+SYSFLASH of ESP-AT, in the running firmware.
            case espAT = "esp-at"
            /// A program of somebody else's, by the template in `[flash.tool]`.
            case external
            /// The firmware comes with the board; only the credential is written.
            case none

            /// Whether the loader tells which board it writes.
            public var readsIdentity: Bool { [.espressif, .stm32UART, .dfu].contains(self) }
            /// Whether regions that the firmware keeps for itself can be erased, as a reset needs.
            public var erasesPreserved: Bool { readsIdentity }
            /// Whether the station can read the flash where a unit tag stands.
            public var readsTag: Bool { readsIdentity }
            /// Whether the board must leave its firmware to be written.
            public var needsLoader: Bool { ![.espAT, .none].contains(self) }
        }

        public let method: Method
        /// The firmware's regions in the order in which they are written.
        public let regions: [Region]
        /// Where the product credential goes, and nothing else. The firmware never writes it.
        public let credential: Credential
        /// Regions that no run writes or erases: there the firmware keeps its own device credential.
        public let preserved: [PreservedRegion]
        /// Where the unit tag stands in flash; nil = its firmware keeps it, or the board needs none.
        public let tag: Area?
        /// For `external`.
        public let tool: ExternalTool?

        public init(
            method: Method, regions: [Region], credential: Credential, preserved: [PreservedRegion], tag: Area? = nil,
            tool: ExternalTool? = nil
        ) {
            (self.method, self.regions, self.credential) = (method, regions, credential)
            (self.preserved, self.tag, self.tool) = (preserved, tag, tool)
        }

        /// Whether boards carry a unit tag, in flash or in the keeping of their firmware.
        public var carriesTag: Bool {
            if case .commands(let commands) = credential, commands.tagName != nil { return true }
            return tag != nil
        }

        /// The smallest piece of flash that can be erased, in bytes, where the profile says nothing else.
        public static let sectorSize = 4096

        /// Everything with a place in flash, in the order in which the profile lists it.
        public var areas: [Area] {
            var areas = regions.map { Area(name: $0.name, offset: $0.offset, size: $0.size, sector: $0.sector) }
            if case .region(let region) = credential {
                areas.append(
                    Area(name: region.name, offset: region.offset, size: region.size, sector: region.sector))
            }
            if let tag { areas.append(tag) }
            return areas
                + preserved.map { Area(name: $0.name, offset: $0.offset, size: $0.size, sector: $0.sector) }
        }

        /// Every pair of areas that share an erase sector, in the order in which the profile lists them.
        public var conflicts: [Conflict] { Self.conflicts(among: areas) }

        /// Every pair of `areas` that share an erase sector, in their order. Areas without bytes conflict with none.
        public static func conflicts(among areas: [Area]) -> [Conflict] {
            var found: [Conflict] = []
            for (index, first) in areas.enumerated() {
                for second in areas[(index + 1)...] where first.erased.overlaps(second.erased) {
                    found.append(Conflict(first: first, second: second))
                }
            }
            return found
        }
    }

    /// One region of the firmware.
    public struct Region: Hashable, Sendable {
        public let name: String
        /// Byte offset in flash, or its address where the flash has one.
        public let offset: Int
        /// Bytes kept for it; the release's image may be shorter.
        public let size: Int
        /// The image's file name in a release's folder.
        public let file: String
        /// The flash is erased in pieces of this many bytes here.
        public let sector: Int

        public init(name: String, offset: Int, size: Int, file: String, sector: Int = Flash.sectorSize) {
            (self.name, self.offset, self.size, self.file, self.sector) = (name, offset, size, file, sector)
        }
    }

    /// A region that belongs to the board alone.
    public struct PreservedRegion: Hashable, Sendable {
        public let name: String
        public let offset: Int
        public let size: Int
        public let sector: Int

        public init(name: String, offset: Int, size: Int, sector: Int = Flash.sectorSize) {
            (self.name, self.offset, self.size, self.sector) = (name, offset, size, sector)
        }
    }

    /// A flasher of somebody else's and how it is called. No argument may carry a secret.
    public struct ExternalTool: Hashable, Sendable {
        /// The program's name; the station's `[tools]` may say where it stands, else it is looked for in PATH.
        public let program: String
        /// Arguments that make it print its version, and the version in the one capture group.
        public let versionArguments: [String]
        public let versionPattern: ConsolePattern
        /// Writes one region: `{port}`, `{baud}`, `{offset}`, `{file}`, `{size}` and `{slot}` are filled in.
        public let write: [String]
        /// Compares flash and file by its exit status; empty = ``read`` is used.
        public let verify: [String]
        /// Reads a region back into `{file}`; empty = ``verify`` is used.
        public let read: [String]
        /// Progress in percent, in the one capture group.
        public let progress: ConsolePattern?
        /// The longest a call may take.
        public let limit: Duration

        public init(
            program: String, versionArguments: [String], versionPattern: ConsolePattern, write: [String],
            verify: [String], read: [String], progress: ConsolePattern?, limit: Duration
        ) {
            (self.program, self.versionArguments, self.versionPattern) = (program, versionArguments, versionPattern)
            (self.write, self.verify, self.read) = (write, verify, read)
            (self.progress, self.limit) = (progress, limit)
        }
    }

    /// A named stretch of flash.
    public struct Area: Hashable, Sendable {
        public let name: String
        public let offset: Int
        public let size: Int
        public let sector: Int

        public init(name: String, offset: Int, size: Int, sector: Int = Flash.sectorSize) {
            (self.name, self.offset, self.size, self.sector) = (name, offset, size, sector)
        }

        /// The bytes that writing the area erases.
        var erased: Range<Int> {
            guard size > 0, offset >= 0, sector > 0 else { return 0..<0 }
            return offset / sector * sector..<(offset + size + sector - 1) / sector * sector
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
