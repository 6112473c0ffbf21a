import ArgumentParser
import Bench
import Foundation
import Provisioning

/// A secret on standard input.
enum HiddenInput {
    /// The longest line, in bytes.
    private static let longest = 4096

    /// One line, which a terminal does not echo.
    static func line(of name: String) throws -> Secret {
        if isatty(STDIN_FILENO) == 1 { note("value of \(name), then Enter (it is not shown):") }
        var saved = termios()
        let isTerminal = tcgetattr(STDIN_FILENO, &saved) == 0
        if isTerminal {
            var quiet = saved
            quiet.c_lflag &= ~tcflag_t(ECHO)
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet)
        }
        defer { if isTerminal { tcsetattr(STDIN_FILENO, TCSAFLUSH, &saved) } }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(longest)
        defer { Secret.wipe(&bytes) }
        var byte: UInt8 = 0
        while bytes.count < longest, read(STDIN_FILENO, &byte, 1) == 1, byte != UInt8(ascii: "\n") {
            bytes.append(byte)
        }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard !bytes.isEmpty else {
            throw ValidationError("nothing came on standard input; expected the secret's value")
        }
        return Secret(bytes: bytes)
    }

    /// A key file, to its end: keys are any bytes, line ends among them.
    static func nvsKeys() throws -> Secret {
        guard isatty(STDIN_FILENO) == 0 else {
            throw ValidationError("NVS keys are no text: redirect the generator's key file to standard input")
        }
        var bytes = [UInt8](repeating: 0, count: NVSKeyPartition.size + 1)
        defer { Secret.wipe(&bytes) }
        var count = 0
        while count < bytes.count {
            let received = bytes.withUnsafeMutableBytes { buffer in
                read(STDIN_FILENO, buffer.baseAddress?.advanced(by: count), buffer.count - count)
            }
            if received <= 0 { break }
            count += received
        }
        do { return try NVSKeyPartition.keys(in: Array(bytes[0..<count])) } catch {
            throw ValidationError("standard input: \(error)")
        }
    }
}
