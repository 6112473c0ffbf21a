/// Walks the pages of a partition in the order they were filled, checking every CRC on the way.
struct NVSReader {
    /// Where an item lies.
    struct Place: Equatable {
        var page: Int
        var index: Int
        var header: NVSPage.Header
    }

    let pages: [NVSPage]
    /// All written items, oldest page first.
    let items: [Place]

    init(_ bytes: [UInt8]) throws(NVSError) {
        guard bytes.count % NVSPage.size == 0, !bytes.isEmpty else { throw .size(bytes.count) }
        var pages: [NVSPage] = []
        for start in stride(from: 0, to: bytes.count, by: NVSPage.size) {
            pages.append(NVSPage(bytes[start..<start + NVSPage.size]))
        }
        self.pages = pages
        var items: [Place] = []
        for number in try Self.usedPages(pages) { items += try Self.items(of: pages[number], number: number) }
        self.items = items
    }

    /// The numbers of pages in use, by rising sequence.
    private static func usedPages(_ pages: [NVSPage]) throws(NVSError) -> [Int] {
        var used: [Int] = []
        for (number, page) in pages.enumerated() where !page.isErased {
            guard let state = page.state, state != .blank else { throw .malformed(offset: number * NVSPage.size) }
            guard page.headerCRC == page.storedHeaderCRC else {
                throw .headerCRC(page: number, expected: page.headerCRC, received: page.storedHeaderCRC)
            }
            guard page.version == 0xFE else { throw .version(page: number, received: page.version) }
            used.append(number)
        }
        return used.sorted { pages[$0].sequence < pages[$1].sequence }
    }

    private static func items(of page: NVSPage, number: Int) throws(NVSError) -> [Place] {
        var items: [Place] = []
        var index = 0
        while index < NVSPage.entryCount {
            let offset = number * NVSPage.size + 64 + index * 32
            guard let slot = page.slot(index) else { throw .malformed(offset: offset) }
            guard slot == .written else {
                index += 1
                continue
            }
            let header = page.entry(index)
            guard header.crc == header.storedCRC else {
                throw .entryCRC(offset: offset, expected: header.crc, received: header.storedCRC)
            }
            guard header.span >= 1, index + Int(header.span) <= NVSPage.entryCount else {
                throw .malformed(offset: offset)
            }
            if header.type == NVSPage.string || header.type == NVSPage.blobData {
                _ = try payload(of: header, in: page, at: index, offset: offset)
            }
            items.append(Place(page: number, index: index, header: header))
            index += Int(header.span)
        }
        return items
    }

    private static func payload(
        of header: NVSPage.Header, in page: NVSPage, at index: Int, offset: Int
    ) throws(NVSError) -> [UInt8] {
        guard let count = LittleEndian.u16(header.data, at: 0), let stored = LittleEndian.u32(header.data, at: 4),
            (Int(count) + 31) / 32 + 1 == Int(header.span)
        else { throw .malformed(offset: offset) }
        let bytes = page.payload(after: index, count: Int(count))
        let computed = CRC32.nvs(bytes)
        guard computed == stored else { throw .dataCRC(offset: offset, expected: computed, received: stored) }
        return bytes
    }

    private func offset(of place: Place) -> Int { place.page * NVSPage.size + 64 + place.index * 32 }

    private func payload(_ place: Place) throws(NVSError) -> [UInt8] {
        try Self.payload(
            of: place.header, in: pages[place.page], at: place.index, offset: offset(of: place))
    }

    /// Index of each namespace by name.
    var namespaces: [String: UInt8] {
        Dictionary(
            items.filter { $0.header.namespace == 0 && $0.header.type == 1 }.map { ($0.header.key, $0.header.data[0]) },
            uniquingKeysWith: { $1 })
    }

    /// The live values; of two written under one key (power lost between writing the new and erasing the old) the
    /// newer one counts.
    func entries() throws(NVSError) -> [NVSPartition.Entry] {
        let names = Dictionary(namespaces.map { ($0.value, $0.key) }, uniquingKeysWith: { $1 })
        var entries: [NVSPartition.Entry] = []
        for place in items where place.header.namespace != 0 && place.header.type != NVSPage.blobData {
            guard let name = names[place.header.namespace] else { throw .malformed(offset: offset(of: place)) }
            let entry = NVSPartition.Entry(namespace: name, key: place.header.key, value: try value(place))
            entries.removeAll { $0.key == entry.key && $0.namespace == entry.namespace }
            entries.append(entry)
        }
        return entries
    }

    private func value(_ place: Place) throws(NVSError) -> NVSValue {
        switch place.header.type {
        case NVSPage.string:
            let bytes = try payload(place)
            guard bytes.last == 0 else { throw .malformed(offset: offset(of: place)) }
            return .string(String(decoding: bytes.dropLast(), as: UTF8.self))
        case NVSPage.blobIndex:
            let data = place.header.data
            var bytes: [UInt8] = []
            for chunk in 0..<data[4] {
                let wanted = items.last {
                    $0.header.type == NVSPage.blobData && $0.header.namespace == place.header.namespace
                        && $0.header.key == place.header.key && $0.header.chunk == data[5] &+ chunk
                }
                guard let wanted else { throw .malformed(offset: offset(of: place)) }
                bytes += try payload(wanted)
            }
            guard LittleEndian.u32(data, at: 0) == UInt32(bytes.count) else {
                throw .malformed(offset: offset(of: place))
            }
            return .blob(bytes)
        default:
            guard let value = NVSValue.primitive(type: place.header.type, data: place.header.data) else {
                throw .malformed(offset: offset(of: place))
            }
            return value
        }
    }
}
