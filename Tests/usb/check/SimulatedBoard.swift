import Bench
import Foundation

/// One of `usb-board`'s boards: what it says of itself, where it is plugged in, and the file that is its flash.
struct SimulatedBoard: Sendable {
    /// Bytes of flash.
    static let flashSize = 1 << 20
    /// The serial number that some of ST's loaders show on every chip.
    static let sharedSerial = "STM32FxSTM32"

    let dialect: Dialect
    let port: USBBusPort
    let serial: String
    /// 24 hex digits.
    let uid: String
    /// The flash file.
    let file: String
    /// What the flash held before the check.
    let before: [UInt8]

    /// What a reading must show as the UID: the chip's own with DfuSe, otherwise the serial number's bytes.
    var mark: String {
        switch dialect {
        case .dfuse: uid
        case .dfu: serial.utf8.map { String(format: "%02X", $0) }.joined()
        }
    }

    /// What the flash holds now.
    func flash() throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: file))) }

    /// Plugs the board in.
    /// - Parameter flags: `--runtime`, `--no-upload`, `--intolerant`.
    func attach(_ control: BoardControl, flags: String = "") throws(Trouble) {
        try control.perform("attach \(port) \(file) \(dialect.rawValue) \(serial) \(uid) \(flags)")
    }

    func detach(_ control: BoardControl) throws(Trouble) { try control.perform("detach \(port)") }
}
