import BoardProtocols
public import Provisioning

/// Puts the product credential into an application image, at a place the firmware reserves behind a marker.
///
/// In the image stands the marker, followed by ``capacity`` free bytes (all 00h or all FFh). The marker stays; the
/// free bytes become `product_key`, 00h, `product_secret`, 00h, and 00h up to the capacity. Where the image ends with
/// a check value over all bytes before it, that is computed anew.
public struct MarkerPatch: Sendable, Equatable {
    /// A check value at the image's end, over all bytes before it.
    public enum Trailer: String, Sendable, CaseIterable {
        case none
        /// Four bytes, little-endian: zlib's crc32.
        case crc32
        /// 32 bytes.
        case sha256 = "sha-256"

        /// Bytes at the image's end.
        public var length: Int {
            switch self {
            case .none: 0
            case .crc32: 4
            case .sha256: 32
            }
        }

        fileprivate func value(over bytes: [UInt8]) -> [UInt8] {
            switch self {
            case .none: []
            case .crc32: LittleEndian.bytes(CRC32.checksum(bytes))
            case .sha256: Digest.sha256(bytes)
            }
        }
    }

    /// The shortest marker: one of fewer bytes turns up in code by chance.
    public static let shortestMarker = 8

    public let marker: [UInt8]
    /// Bytes behind the marker that may be written.
    public let capacity: Int
    public let trailer: Trailer

    /// - Throws: ``CredentialImageError`` `value` for a marker of fewer than 8 bytes, `size` for a capacity under 4.
    public init(marker: [UInt8], capacity: Int, trailer: Trailer = .none) throws(CredentialImageError) {
        guard marker.count >= Self.shortestMarker else {
            throw CredentialImageError(
                .value, "the marker has \(marker.count) bytes: expected at least \(Self.shortestMarker)")
        }
        guard capacity >= 4 else {
            throw CredentialImageError(.size, "the place behind the marker has \(capacity) bytes: expected at least 4")
        }
        self.marker = marker
        self.capacity = capacity
        self.trailer = trailer
    }

    /// The image with the credential in it, as long as before.
    /// - Throws: ``CredentialImageError``: `absent`, `ambiguous`, `occupied`, `size`, `value`, or `damaged` where the
    ///   image does not end with the check value the profile names.
    public func applied(
        to image: [UInt8], productKey: String, productSecret: Secret
    ) throws(CredentialImageError) -> [UInt8] {
        let secret = productSecret.withBytes { $0 }
        let key = Array(productKey.utf8)
        guard !key.isEmpty, !secret.isEmpty, !key.contains(0), !secret.contains(0) else {
            throw CredentialImageError(.value, "a value of the credential is empty or holds a 00h byte: enter it again")
        }
        let text = key + [0] + secret + [0]
        guard text.count <= capacity else {
            throw CredentialImageError(
                .size, "the credential needs \(text.count) bytes, the place behind the marker has \(capacity)")
        }
        let place = try place(in: image)
        guard let filler = image[place].first, filler == 0 || filler == 0xFF,
            image[place].allSatisfy({ $0 == filler })
        else {
            throw CredentialImageError(
                .occupied,
                "the \(capacity) bytes behind the marker at offset \(place.lowerBound - marker.count) are not free: "
                    + "expected all 00 or all FF; check the capacity in the profile, or use an image without a "
                    + "credential")
        }
        let body = image.count - trailer.length
        guard trailer.value(over: Array(image[..<body])) == Array(image[body...]) else {
            throw CredentialImageError(
                .damaged,
                "the image does not end with the \(trailer.rawValue) of the bytes before it: check image and profile")
        }
        var patched = Array(image[..<body])
        patched.replaceSubrange(place, with: text + [UInt8](repeating: 0, count: capacity - text.count))
        return patched + trailer.value(over: patched)
    }

    /// The region with the credential in its image.
    /// - Throws: as ``applied(to:productKey:productSecret:)``.
    public func applied(
        to region: FlashRegion, productKey: String, productSecret: Secret
    ) throws(CredentialImageError) -> FlashRegion {
        FlashRegion(
            name: region.name, offset: region.offset,
            image: try applied(to: region.image, productKey: productKey, productSecret: productSecret),
            sector: region.sector)
    }

    /// The credential that an image carries; nil where the place is free.
    /// - Throws: ``CredentialImageError``: `absent`, `ambiguous`, `size`, or `damaged` where the place holds something
    ///   else.
    public func read(
        from image: [UInt8]
    ) throws(CredentialImageError) -> (productKey: String, productSecret: Secret)? {
        let field = image[try place(in: image)]
        if field.allSatisfy({ $0 == 0 }) || field.allSatisfy({ $0 == 0xFF }) { return nil }
        let parts = field.split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, !parts[1].isEmpty, parts[2].allSatisfy({ $0 == 0 }) else {
            throw CredentialImageError(.damaged, "the place behind the marker holds something else than a credential")
        }
        return (String(decoding: parts[0], as: UTF8.self), Secret(bytes: Array(parts[1])))
    }

    /// The free bytes behind the only marker.
    private func place(in image: [UInt8]) throws(CredentialImageError) -> Range<Int> {
        var found: [Int] = []
        var index = 0
        while index + marker.count <= image.count, found.count < 2 {
            if image[index] == marker[0], image[index..<index + marker.count].elementsEqual(marker) {
                found.append(index)
            }
            index += 1
        }
        guard let first = found.first else {
            throw CredentialImageError(
                .absent, "the image does not hold the marker of \(marker.count) bytes: check image and profile")
        }
        guard found.count == 1 else {
            throw CredentialImageError(
                .ambiguous,
                "the marker stands at offsets \(first) and \(found[1]): expected it once; choose a longer marker")
        }
        let place = first + marker.count..<first + marker.count + capacity
        guard place.upperBound <= image.count - trailer.length else {
            throw CredentialImageError(
                .size,
                "the place behind the marker ends at byte \(place.upperBound), the image at "
                    + "\(image.count - trailer.length): check the capacity in the profile")
        }
        return place
    }
}
