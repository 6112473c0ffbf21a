/// A firmware release: an immutable set of images, named by version and SHA-256, that orders are bound to.
public struct Release: Hashable, Sendable {
    /// One image of the release.
    public struct Image: Hashable, Sendable {
        /// Region of the board profile that takes it.
        public let region: String
        /// File name inside the release's folder.
        public let file: String
        /// Bytes.
        public let size: Int
        /// SHA-256, 64 lower-case hexadecimal digits.
        public let sha256: String

        public init(region: String, file: String, size: Int, sha256: String) {
            (self.region, self.file, self.size, self.sha256) = (region, file, size, sha256)
        }
    }

    /// Board profile it was made for.
    public let profile: String
    /// Version, which the firmware must report where the profile reads it.
    public let version: String
    /// Images in the order of the profile's regions.
    public let images: [Image]
    /// SHA-256 over the images' names and digests: names the whole set.
    public let sha256: String
    /// The vendor's device SDK the firmware is built on, `c-4.2.0` for instance; nil = not declared.
    public let deviceSDK: String?
    /// What the profile's ship checks must answer for this release where that differs from the profile's own values: the
    /// check's name and the value.
    public let ship: [String: String]

    public init(
        profile: String, version: String, images: [Image], sha256: String, deviceSDK: String? = nil,
        ship: [String: String] = [:]
    ) {
        (self.profile, self.version, self.images, self.sha256) = (profile, version, images, sha256)
        (self.deviceSDK, self.ship) = (deviceSDK, ship)
    }

    /// Whether its firmware can register without pre-registration, which takes the vendor's C SDK 4.x ("一型一密").
    public var registersWithoutPreregistration: Bool { deviceSDK?.hasPrefix("c-4.") == true }

    /// Whether `text` names a device SDK: `c-`, `python-`, `java-`, `android-`, `node-` or `other-` and a version.
    public static func isDeviceSDK(_ text: String) -> Bool {
        text.wholeMatch(of: /(c|python|java|android|node|other)-\d{1,3}(\.\d{1,4}){0,3}/) != nil
    }
}
