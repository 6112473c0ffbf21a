extension NVSError: CustomStringConvertible {
    /// A sentence for the person who makes the release or looks at the board; names of keys, never values.
    public var description: String {
        func hex(_ number: some BinaryInteger) -> String { "0x\(String(number, radix: 16))" }
        return switch self {
        case .size(let size):
            "an NVS partition of \(size) bytes: expected a multiple of 4096, 12288 at least; correct the partition's size"
        case .key(let key): "the NVS key or namespace \"\(key)\" has \(key.utf8.count) bytes: expected 1 to 15"
        case .valueTooLong(let key, let bytes, let limit):
            "the value of NVS key \"\(key)\" has \(bytes) bytes: expected \(limit) at most"
        case .full: "the contents do not fit into the NVS partition: make it larger"
        case .headerCRC(let page, let expected, let received):
            "NVS page \(page) has a damaged header: expected CRC \(hex(expected)), received \(hex(received))"
        case .entryCRC(let offset, let expected, let received):
            "the NVS entry at \(hex(offset)) is damaged or encrypted with other keys: expected CRC \(hex(expected)), "
                + "received \(hex(received))"
        case .dataCRC(let offset, let expected, let received):
            "the data of the NVS entry at \(hex(offset)) are damaged: expected CRC \(hex(expected)), "
                + "received \(hex(received))"
        case .malformed(let offset): "the NVS entry at \(hex(offset)) cannot be: span, type, state or index is wrong"
        case .version(let page, let received):
            "NVS page \(page) has format \(hex(received)): expected 0xfe, version 2 without encryption of pages"
        case .keys(let bytes):
            bytes == 64
                ? "the two halves of the NVS encryption keys are the same: expected two different keys of 32 bytes"
                : "the NVS encryption keys have \(bytes) bytes: expected 64, the data key and then the tweak key"
        case .keyCRC:
            "the NVS key partition's CRC does not fit its keys: expected the 4096-byte file that generate-key wrote; "
                + "take it from the release again"
        case .cipher: "libcrypto does not do AES-256-XTS: check the installation of OpenSSL 3"
        }
    }
}
