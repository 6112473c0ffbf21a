import Bench
import BoardProtocols

/// The station's end of the simulated download mode, on a thread of its own.
actor DownloadPort {
    /// Why the module was not written or read.
    struct DownloadError: Error, CustomStringConvertible {
        let description: String
    }

    private let thread = SlotThread(name: "download")
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.unownedExecutor }
    private let link: any BoardLink
    private static let limit = Duration.seconds(20)

    init(_ port: String) throws { link = try PortAddress(port).open(baud: 115_200) }

    func write(_ image: [UInt8], at offset: Int, _ progress: (Int) -> Void) throws {
        try ask("WRITE \(offset) \(image.count) \(CRC32.checksum(image))", expecting: "GO")
        for start in stride(from: 0, to: image.count, by: 4096) {
            try link.write(Array(image[start..<min(image.count, start + 4096)]), deadline: .now + Self.limit)
            progress(min(image.count, start + 4096) * 100 / image.count)
        }
        let answer = try line()
        guard answer == "OK" else { throw DownloadError(description: "expected OK, received \(answer)") }
    }

    func read(_ count: Int, at offset: Int) throws -> [UInt8] {
        try ask("READ \(offset) \(count)", expecting: "GO")
        var bytes: [UInt8] = []
        let deadline = ContinuousClock.now + Self.limit
        while bytes.count < count {
            let more = try link.read(upTo: count - bytes.count, deadline: deadline)
            guard !more.isEmpty else { throw DownloadError(description: "received \(bytes.count) of \(count) bytes") }
            bytes += more
        }
        return bytes
    }

    private func ask(_ text: String, expecting: String) throws {
        try link.discardInput()
        try link.write(Array("\(text)\n".utf8), deadline: .now + Self.limit)
        let answer = try line()
        guard answer == expecting else {
            throw DownloadError(description: "expected \(expecting), received \(answer.isEmpty ? "nothing" : answer)")
        }
    }

    private func line() throws -> String {
        var bytes: [UInt8] = []
        let deadline = ContinuousClock.now + Self.limit
        while true {
            let more = try link.read(upTo: 1, deadline: deadline)
            guard let byte = more.first, byte != 0x0A else { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(byte)
        }
    }
}
