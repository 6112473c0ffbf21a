public import BoardProtocols

/// Writes partitions through a module's own command, ESP-AT's AT+SYSFLASH: the running firmware erases and programs its
/// flash, and every byte is read back.
///
/// A region is named as its partition and lies at the flash address that the module lists for it. Lives on the slot's
/// thread. Source: ESP-AT "Basic AT Commands", AT+SYSFLASH: 0 erases whole sectors, 1 writes after the prompt, 2 reads.
public final class ATFlashLoader: BoardLoader {
    /// Bytes written or read in one command: one sector, so that a damaged piece can be erased and sent anew.
    static let piece = 4096
    /// Erasing takes at most so long for each MiB, and never less than a few seconds.
    static func eraseTimeout(bytes: Int) -> Duration { .seconds(5) + .seconds(40) * bytes / (1 << 20) }

    public let session: ATSession
    let identity: ATIdentityCommands
    /// By name; filled by ``prepareFlash(end:)``.
    public private(set) var partitions: [String: ATParse.Partition] = [:]
    private var version = "unknown"

    /// - Parameter session: opened.
    public init(session: ATSession, identity: ATIdentityCommands = .espAT) {
        (self.session, self.identity) = (session, identity)
    }

    var traffic: (sent: Int, received: Int) { session.traffic }
    var baud: Int { session.link.baud }
    var method: FlashReport.Method { .loader(name: "ESP-AT SYSFLASH", version: version) }
    var readsIdentity: Bool { true }

    public func readBoard() throws(LoaderError) -> BoardReading {
        let found = try ATIdentity.read(identity, from: session)
        version = found.firmware ?? found.board.chip
        return found.board
    }

    /// Asks for the partitions.
    /// - Throws: ``LoaderError`` `flashChip` where none is listed or none reaches as far as `end`.
    public func prepareFlash(end: UInt64) throws(LoaderError) -> UInt32? {
        let listed = try session.query("AT+SYSFLASH?") { lines in
            let parsed = lines.compactMap(ATParse.partition)
            return parsed.count == lines.count ? parsed : nil
        }
        partitions = Dictionary(listed.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        let reach = listed.map { $0.address + $0.size }.max() ?? 0
        guard end <= UInt64(reach) else {
            throw LoaderError(
                .flashChip,
                "the release needs flash up to 0x\(String(end, radix: 16)), the module's partitions end at "
                    + "0x\(String(reach, radix: 16)): check the order", expected: String(end), received: String(reach))
        }
        return nil
    }

    /// Reads back; ends at the first byte that differs.
    public func holds(_ region: FlashRegion) throws(LoaderError) -> Bool {
        try firstDifference(region) == nil
    }

    public func verify(_ region: FlashRegion, onEvent: (FlashEvent) -> Void) throws(LoaderError) {
        onEvent(.verifying(region: region.name))
        if let address = try firstDifference(region) {
            throw LoaderError(
                .verifyMismatch, "flash holds other bytes than the image: the flash chip is suspect",
                region: region.name, address: address)
        }
        onEvent(.verified(region: region.name, md5: Digest.hex(Digest.md5(region.padded))))
    }

    // MARK: - Places

    /// Where a region lies: its partition and the offset in it.
    /// - Throws: ``LoaderError`` `protocolError` where the module has no such partition or it lies elsewhere.
    func place(_ region: FlashRegion) throws(LoaderError) -> (partition: ATParse.Partition, offset: Int) {
        guard let partition = partitions[region.name] else {
            throw LoaderError(
                .protocolError,
                "the module lists no partition \(region.name), only "
                    + "\(partitions.keys.sorted().joined(separator: ", ")): check the release's region names",
                region: region.name, address: region.offset)
        }
        let offset = Int(region.offset) - partition.address
        guard offset >= 0, offset % Self.piece == 0, region.erased.upperBound <= partition.address + partition.size
        else {
            throw LoaderError(
                .protocolError,
                "partition \(region.name) lies at 0x\(String(partition.address, radix: 16)) and has \(partition.size) "
                    + "bytes; the release puts \(region.padded.count) bytes at 0x\(String(region.offset, radix: 16))",
                region: region.name, address: region.offset)
        }
        return (partition, offset)
    }

    /// A SYSFLASH command, the partition's name quoted where the module quotes it.
    func command(_ operation: Int, _ partition: ATParse.Partition, _ offset: Int, _ count: Int) -> String {
        let name = partition.isQuoted ? "\"\(partition.name)\"" : partition.name
        return "AT+SYSFLASH=\(operation),\(name),\(offset),\(count)"
    }

    /// Address of the first byte of flash that differs from the image; nil where there is none.
    private func firstDifference(_ region: FlashRegion) throws(LoaderError) -> UInt32? {
        let (partition, offset) = try place(region)
        let image = region.padded
        for start in stride(from: 0, to: image.count, by: Self.piece) {
            let expected = image[start..<min(start + Self.piece, image.count)]
            let address = region.offset + UInt32(start)
            var found = try read(partition, offset + start, expected.count, region, address)
            if found[...] != expected {
                // The answer carries no check value: only two readings that agree speak against the flash.
                let again = try read(partition, offset + start, expected.count, region, address)
                guard again == found || again[...] == expected else {
                    throw LoaderError(
                        .noise, "two readings of one piece of flash differed: check cable, rate and power",
                        region: region.name, address: address)
                }
                found = again
            }
            if let index = zip(found, expected).enumerated().first(where: { $1.0 != $1.1 })?.offset {
                return address + UInt32(index)
            }
        }
        return nil
    }

    /// Reads one piece; three tries where nothing or damage came.
    func read(
        _ partition: ATParse.Partition, _ offset: Int, _ count: Int, _ region: FlashRegion, _ address: UInt32
    ) throws(LoaderError) -> [UInt8] {
        let text = command(2, partition, offset, count)
        var last = LoaderError(.noise, "\(text): not one whole answer in three tries")
        for _ in 1...3 {
            do {
                let bytes = try session.value(text, .flash, count: count).bytes
                if bytes.count == count { return bytes }
                last = LoaderError(.noise, "\(text): \(bytes.count) bytes came instead of \(count)")
                session.isOutOfStep = true
            } catch {
                guard error.kind == .noise || error.kind == .noResponse else { throw placed(error, region, address) }
                last = error
            }
        }
        throw placed(last, region, address)
    }

    func placed(_ error: LoaderError, _ region: FlashRegion, _ address: UInt32) -> LoaderError {
        var error = error
        error.region = error.region ?? region.name
        error.address = error.address ?? address
        return error
    }
}
