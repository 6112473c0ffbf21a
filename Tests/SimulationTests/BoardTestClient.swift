import BoardProtocols
import Foundation
import Glibc

/// A blocking client of a simulated board's UART or control socket, for use inside ``onThread(_:)``.
final class BoardTestClient {
    struct Failure: Error, CustomStringConvertible { var description: String }

    private let descriptor: Int32
    private var decoder = SLIP.Decoder()
    private var frames: [[UInt8]] = []
    /// Everything outside frames, as text.
    private(set) var text = ""

    /// Opens `socket://HOST:PORT`, or a serial port at `baud`.
    init(_ address: String, baud: speed_t = speed_t(B115200)) throws {
        guard address.hasPrefix("socket://") else {
            descriptor = open(address, O_RDWR | O_NOCTTY | O_CLOEXEC)
            guard descriptor >= 0 else { throw Failure(description: "\(address): errno \(errno)") }
            setBaud(baud)
            return
        }
        let parts = address.dropFirst("socket://".count).split(separator: ":").map(String.init)
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = (UInt16(parts[1]) ?? 0).bigEndian
        inet_pton(AF_INET, parts[0], &target.sin_addr)
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let result = withUnsafePointer(to: &target) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure(description: "\(address): errno \(errno)") }
    }

    deinit { close(descriptor) }

    /// Sets the rate of a serial port, raw.
    func setBaud(_ baud: speed_t) {
        var settings = termios()
        tcgetattr(descriptor, &settings)
        cfmakeraw(&settings)
        cfsetspeed(&settings, baud)
        tcsetattr(descriptor, TCSANOW, &settings)
    }

    func write(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let rest = bytes[sent...]
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw Failure(description: "write: errno \(errno)") }
            sent += count
        }
    }

    /// The bytes that come within `seconds`; empty when none do, nil at the end of the stream.
    func read(within seconds: Double) -> [UInt8]? {
        var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&ready, 1, Int32(seconds * 1000)) > 0 else { return [] }
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        return count > 0 ? Array(buffer[..<count]) : nil
    }

    /// The next frame's body.
    func frame(within seconds: Double = 30) throws -> [UInt8] {
        let end = ContinuousClock.now + .seconds(seconds)
        while frames.isEmpty, ContinuousClock.now < end {
            guard let bytes = read(within: 1) else { throw Failure(description: "the port ended") }
            for item in decoder.push(bytes) {
                switch item {
                case .frame(let body): frames.append(body)
                case .text(let bytes): text += String(decoding: bytes, as: UTF8.self)
                }
            }
        }
        guard !frames.isEmpty else { throw Failure(description: "no frame within \(seconds) s; text: \(text)") }
        return frames.removeFirst()
    }

    /// Sends a request and returns the answer to it.
    func ask(_ request: EspressifRequest, within seconds: Double = 30) throws -> EspressifResponse {
        try write(request.frame)
        while true {
            let response = try EspressifResponse(parsing: try frame(within: seconds))
            if response.operation == request.operation { return response }
        }
    }

    /// Reads text until a line holds `wanted`, and returns everything read.
    func lines(until wanted: String, within seconds: Double = 30) throws -> String {
        let end = ContinuousClock.now + .seconds(seconds)
        var bytes: [UInt8] = []
        while ContinuousClock.now < end {
            let seen = String(decoding: bytes, as: UTF8.self)
            if let hit = seen.range(of: wanted), seen[hit.upperBound...].contains(where: \.isNewline) { return seen }
            guard let more = read(within: 1) else { break }
            bytes += more
        }
        throw Failure(description: "\"\(wanted)\" did not come; read: \(String(decoding: bytes, as: UTF8.self))")
    }

    /// Sends a line to a control socket and returns the answer.
    func command(_ line: String) throws -> String {
        try write(Array("\(line)\n".utf8))
        var answer: [UInt8] = []
        while answer.last != 0x0A {
            guard let more = read(within: 30), !more.isEmpty else {
                throw Failure(description: "no answer to \(line); read: \(String(decoding: answer, as: UTF8.self))")
            }
            answer += more
        }
        return String(decoding: answer.dropLast(), as: UTF8.self)
    }
}

/// Runs blocking work on a thread of its own, off Swift's shared pool.
func onThread<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
    try await withCheckedThrowingContinuation { continuation in
        Thread { continuation.resume(with: Result { try body() }) }.start()
    }
}

/// A folder of its own for one test, removed at its end.
func withBoardFolder<R>(_ body: (URL) async throws -> R) async throws -> R {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("board-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder)
}
