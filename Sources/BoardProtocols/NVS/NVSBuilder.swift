/// Fills pages one after the other in the order and with the page breaks of Espressif's partition generator, so that
/// the same contents give the same bytes.
struct NVSBuilder {
    private var pages: [NVSPage] = [NVSPage(sequence: 0)]
    private let usablePages: Int
    private var page: NVSPage {
        get { pages[pages.count - 1] }
        set { pages[pages.count - 1] = newValue }
    }

    /// - Parameter size: bytes of the partition; its last page stays erased as the firmware's reserve.
    init(size: Int) throws(NVSError) {
        guard size % NVSPage.size == 0, size >= 3 * NVSPage.size else { throw .size(size) }
        usablePages = size / NVSPage.size - 1
    }

    /// The partition's bytes.
    func bytes(size: Int) -> [UInt8] {
        let used = pages.flatMap(\.bytes)
        return used + [UInt8](repeating: 0xFF, count: size - used.count)
    }

    mutating func addNamespace(_ name: String, index: UInt8) throws(NVSError) {
        try add(key: name, value: .u8(index), namespace: 0)
    }

    mutating func add(key: String, value: NVSValue, namespace: UInt8) throws(NVSError) {
        guard (1...15).contains(key.utf8.count) else { throw .key(key) }
        switch value {
        case .string(let text): try addString(key, Array(text.utf8) + [0], namespace)
        case .blob(let bytes): try addBlob(key, bytes, namespace)
        default:
            guard let (type, bytes) = value.primitive else { return }
            if page.free == 0 { try turnPage() }
            page.append(.init(namespace: namespace, type: type, span: 1, key: key, data: bytes))
        }
    }

    /// The generator never fills a page's last entry with a string, so one has at most 3,968 bytes with its NUL.
    private mutating func addString(_ key: String, _ bytes: [UInt8], _ namespace: UInt8) throws(NVSError) {
        let span = 1 + (bytes.count + 31) / 32
        guard span < NVSPage.entryCount else {
            throw .valueTooLong(key: key, bytes: bytes.count - 1, limit: 3967)
        }
        if page.next + span >= NVSPage.entryCount { try turnPage() }
        page.append(.init(namespace: namespace, type: NVSPage.string, key: key, payload: bytes), payload: bytes)
    }

    private mutating func addBlob(_ key: String, _ bytes: [UInt8], _ namespace: UInt8) throws(NVSError) {
        if page.free == 0 { try turnPage() }
        var rest = bytes[...]
        var chunks: UInt8 = 0
        repeat {
            let room = (page.free - 1) * NVSPage.entrySize
            let chunk = Array(rest.prefix(room))
            rest = rest.dropFirst(chunk.count)
            guard chunks < 127 else { throw .valueTooLong(key: key, bytes: bytes.count, limit: 127 * 4000) }
            page.append(
                .init(namespace: namespace, type: NVSPage.blobData, chunk: chunks, key: key, payload: chunk),
                payload: chunk)
            chunks += 1
            if !rest.isEmpty || room - chunk.count < NVSPage.entrySize { try turnPage() }
        } while !rest.isEmpty
        page.append(.blobIndex(namespace: namespace, key: key, total: bytes.count, chunks: chunks, start: 0))
    }

    private mutating func turnPage() throws(NVSError) {
        guard pages.count < usablePages else { throw .full }
        page.setState(.full)
        pages.append(NVSPage(sequence: UInt32(pages.count)))
    }
}

extension NVSPage.Header {
    /// The entry that ties a blob's chunks together.
    static func blobIndex(namespace: UInt8, key: String, total: Int, chunks: UInt8, start: UInt8) -> Self {
        Self(
            namespace: namespace, type: NVSPage.blobIndex, span: 1, key: key,
            data: LittleEndian.bytes(UInt32(total)) + [chunks, start])
    }
}
