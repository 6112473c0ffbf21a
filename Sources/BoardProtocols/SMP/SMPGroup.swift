/// The groups of SMP commands a station speaks, with their command numbers.
///
/// Source: Zephyr, "SMP Groups"; the numbers of a group's commands stand on its page.
public enum SMPGroup {
    public static let os: UInt16 = 0
    public static let image: UInt16 = 1
    public static let settings: UInt16 = 3
    public static let shell: UInt16 = 9

    public enum OS {
        public static let echo: UInt8 = 0
        public static let reset: UInt8 = 5
        public static let parameters: UInt8 = 6
        public static let info: UInt8 = 7
        public static let bootloaderInfo: UInt8 = 8
    }

    public enum Image {
        public static let state: UInt8 = 0
        public static let upload: UInt8 = 1
        public static let erase: UInt8 = 5
    }

    public enum Settings {
        public static let value: UInt8 = 0
        public static let delete: UInt8 = 1
        /// Hands what was set to the firmware's modules.
        public static let commit: UInt8 = 2
        /// Read loads from the store, write saves to it.
        public static let store: UInt8 = 3
    }

    public enum Shell {
        public static let execute: UInt8 = 0
    }
}
