extension MCUbootImage {
    /// An unsigned image with header, payload and hash: what a bootloader without a key takes. For simulated boards.
    ///
    /// - Parameters:
    ///   - protected: TLVs that the hash covers, as type and value.
    ///   - sha256: computes the hash; this target has no digest of its own.
    public static func build(
        payload: [UInt8], version: Version, protected: [(type: UInt16, value: [UInt8])] = [],
        sha256: ([UInt8]) -> [UInt8]
    ) -> [UInt8] {
        let covered = protected.isEmpty ? [] : area(protectedTLVMagic, protected)
        var image = LittleEndian.bytes(magic) + LittleEndian.bytes(UInt32(0))
        image += LittleEndian.bytes(UInt16(headerSize)) + LittleEndian.bytes(UInt16(covered.count))
        image += LittleEndian.bytes(UInt32(payload.count)) + LittleEndian.bytes(UInt32(0))
        image +=
            [version.major, version.minor] + LittleEndian.bytes(version.revision) + LittleEndian.bytes(version.build)
        image += LittleEndian.bytes(UInt32(0)) + payload + covered
        return image + area(tlvMagic, [(TLVType.sha256, sha256(image))])
    }

    private static func area(_ magic: UInt16, _ tlvs: [(type: UInt16, value: [UInt8])]) -> [UInt8] {
        let content = tlvs.flatMap {
            LittleEndian.bytes($0.type) + LittleEndian.bytes(UInt16($0.value.count)) + $0.value
        }
        return LittleEndian.bytes(magic) + LittleEndian.bytes(UInt16(content.count + 4)) + content
    }

}
