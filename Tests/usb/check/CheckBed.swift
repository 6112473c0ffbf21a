import Bench
import Foundation

/// What every section works with: the bus, the simulated boards' control, a folder for their flashes, and the ledger.
struct CheckBed: Sendable {
    let bus: USBBus
    let control: BoardControl
    let folder: String
    let ledger: Ledger

    /// A board whose flash is full of random bytes. It is not plugged in yet.
    /// - Parameters:
    ///   - number: tells it apart: it makes the UID, the file's name and, without `serial`, the serial number.
    /// - Throws: ``LinkError`` where `port` is no port path; the file system's errors.
    func board(_ dialect: Dialect, at port: String, number: Int, serial: String? = nil) throws -> SimulatedBoard {
        let board = SimulatedBoard(
            dialect: dialect, port: try USBBusPort(port), serial: serial ?? "SN\(number)",
            uid: String(format: "%024X", number), file: "\(folder)/\(number).flash",
            before: Self.randomBytes(SimulatedBoard.flashSize))
        try Data(board.before).write(to: URL(fileURLWithPath: board.file))
        return board
    }

    static func randomBytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 8)
        while bytes.count < count { withUnsafeBytes(of: generator.next()) { bytes += $0 } }
        return Array(bytes.prefix(count))
    }

    /// Looks again and again, for as long as ten seconds: whether `fact` came true.
    func eventually(_ fact: () throws -> Bool) async throws -> Bool {
        let end = ContinuousClock.now + .seconds(10)
        while true {
            if try fact() { return true }
            guard ContinuousClock.now < end else { return false }
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
