/// What a DfuSe device does when a download of block 0 brings these bytes. Data starts at block 2.
///
/// Source: ST AN3156, sections 4.2 to 4.6. There is a mass erase too; it is left out on purpose.
public enum DfuSeCommand: Sendable, Equatable {
    /// Where reading and writing start.
    case setPointer(UInt32)
    /// Erases the sector that holds the address.
    case erase(UInt32)

    /// The block that carries the first data.
    public static let firstBlock: UInt16 = 2

    public var bytes: [UInt8] {
        switch self {
        case .setPointer(let address): [0x21] + LittleEndian.bytes(address)
        case .erase(let address): [0x41] + LittleEndian.bytes(address)
        }
    }
}
