/// Changes a live partition as firmware does: a new value is appended to the active page, then the old one is marked
/// erased; when pages run out, the page with most erased entries is moved into the reserve and erased.
public struct NVSEditor: Sendable {
    /// The partition as it now stands, to be written back to flash.
    public var bytes: [UInt8] { pages.flatMap(\.bytes) }

    private var pages: [NVSPage]

    /// Starts from a partition in flash; a wholly erased one is formatted at the first write.
    /// - Throws: ``NVSError`` where it cannot be read.
    public init(_ bytes: [UInt8]) throws(NVSError) { pages = try NVSReader(bytes).pages }

    /// Stores `value` under `key`, replacing an earlier one; an equal one is left alone.
    /// - Throws: ``NVSError`` `key`, `valueTooLong` (a page holds 4,000 bytes) or `full`.
    public mutating func set(_ value: NVSValue, key: String, in namespace: String) throws(NVSError) {
        guard (1...15).contains(key.utf8.count) else { throw .key(key) }
        if try NVSPartition(parsing: bytes).value(key, in: namespace) == value { return }
        let index = try namespaceIndex(namespace)
        let old = try places(key: key, namespace: index)
        switch value {
        case .string(let text):
            let payload = Array(text.utf8) + [0]
            try append(.init(namespace: index, type: NVSPage.string, key: key, payload: payload), payload)
        case .blob(let payload):
            let start: UInt8 = old.contains { $0.type == NVSPage.blobData && $0.chunk < 0x80 } ? 0x80 : 0
            try append(
                .init(namespace: index, type: NVSPage.blobData, chunk: start, key: key, payload: payload), payload)
            try append(.blobIndex(namespace: index, key: key, total: payload.count, chunks: 1, start: start), [])
        default:
            guard let (type, data) = value.primitive else { return }
            try append(.init(namespace: index, type: type, span: 1, key: key, data: data), [])
        }
        try erase(old)
    }

    /// Marks what is stored under `key` erased; does nothing where there is nothing.
    public mutating func remove(_ key: String, in namespace: String) throws(NVSError) {
        guard let index = try NVSReader(bytes).namespaces[namespace] else { return }
        try erase(try places(key: key, namespace: index))
    }

    private mutating func namespaceIndex(_ name: String) throws(NVSError) -> UInt8 {
        guard (1...15).contains(name.utf8.count) else { throw .key(name) }
        let known = try NVSReader(bytes).namespaces
        if let index = known[name] { return index }
        guard let index = (1...254).first(where: { candidate in !known.values.contains(UInt8(candidate)) }) else {
            throw .full
        }
        try append(.init(namespace: 0, type: 1, span: 1, key: name, data: [UInt8(index)]), [])
        return UInt8(index)
    }

    /// Headers, with their check values, of the items under a key: how the old value is found again after a move.
    private func places(key: String, namespace: UInt8) throws(NVSError) -> [NVSPage.Header] {
        try NVSReader(bytes).items.map(\.header).filter { $0.namespace == namespace && $0.key == key }
    }

    /// Erases one item for each of `headers`, the oldest first.
    private mutating func erase(_ headers: [NVSPage.Header]) throws(NVSError) {
        for header in headers {
            guard let place = try NVSReader(bytes).items.first(where: { $0.header == header }) else { continue }
            pages[place.page].erase(place.index)
        }
    }

    private mutating func append(_ header: NVSPage.Header, _ payload: [UInt8]) throws(NVSError) {
        guard payload.count <= NVSPage.largestChunk else {
            throw .valueTooLong(key: header.key, bytes: payload.count, limit: NVSPage.largestChunk)
        }
        let span = 1 + (payload.count + 31) / 32
        var page = try activePage()
        var moves = 0
        while pages[page].free < span {
            guard moves <= pages.count else { throw .full }
            moves += 1
            page = try nextPage(after: page)
        }
        pages[page].append(header, payload: payload)
    }

    /// The number of the next page in use; they are never used up in the life of a flash chip, so that the last one is damage.
    private func nextSequence() throws(NVSError) -> UInt32 {
        let last = pages.indices.filter { !pages[$0].isErased }.max { pages[$0].sequence < pages[$1].sequence }
        guard let last else { return 1 }
        guard pages[last].sequence < .max else { throw .malformed(offset: last * NVSPage.size) }
        return pages[last].sequence + 1
    }

    private mutating func activePage() throws(NVSError) -> Int {
        if let active = pages.firstIndex(where: { $0.state == .active }) { return active }
        guard let blank = pages.firstIndex(where: \.isErased) else { throw .full }
        pages[blank] = NVSPage(sequence: pages.allSatisfy(\.isErased) ? 0 : try nextSequence())
        return blank
    }

    /// Opens another page: a blank one while more than the reserve is left, else the reserve itself, into which the
    /// page with most erased entries is moved.
    private mutating func nextPage(after active: Int) throws(NVSError) -> Int {
        let blank = pages.indices.filter { pages[$0].isErased }
        guard let target = blank.first else { throw .full }
        let sequence = try nextSequence()
        pages[active].setState(.full)
        pages[target] = NVSPage(sequence: sequence)
        if blank.count > 1 { return target }

        let victim = pages.indices.filter { $0 != target }.max { pages[$0].erasedCount < pages[$1].erasedCount }
        guard let victim else { throw .full }
        for place in try NVSReader(bytes).items where place.page == victim {
            let payload = pages[victim].payload(after: place.index, count: (Int(place.header.span) - 1) * 32)
            pages[target].append(place.header, payload: payload)
        }
        pages[victim] = NVSPage()
        return target
    }
}
