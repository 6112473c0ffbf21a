import Bench
import BoardProtocols
import Foundation

/// One board flashed the way a run does it: loader, write, verify, identity read again.
struct BoardFlash: Sendable {
    /// How long it took and what it sent.
    struct Result: Sendable {
        let duration: Duration
        let report: FlashReport
        /// Both directions together.
        var bytes: Int { report.bytesSent + report.bytesReceived }
    }

    /// Why a measurement does not count.
    struct BenchError: Error, CustomStringConvertible {
        let description: String
    }

    let slot: BenchFixture.Slot
    var target: BenchTarget?
    let control: PowerControl
    let baud: Int
    let stubDirectory: String?

    /// Flashes `image` and proves by the board's flash file that it is there.
    /// - Parameter skipMatching: whether what is there already is left alone.
    func run(_ image: [UInt8], skipMatching: Bool = false) async throws -> Result {
        let plan: FlashPlan
        if let target {
            plan = try target.plan(image, skipMatching: skipMatching)
        } else {
            let region = FlashRegion(name: "image", offset: BenchImage.offset, image: image)
            plan = try FlashPlan(regions: [region], skipMatching: skipMatching)
        }
        let board = BoardConnection(
            slot: slot.name, port: slot.port, control: control,
            options: BoardConnection.Options(
                maxBaud: baud, stubDirectory: stubDirectory,
                method: try target?.method(slot, baud: baud) ?? .espressif()))
        let start = ContinuousClock.now
        let report: FlashReport
        do {
            report = try await board.flash(plan, beforeErase: { _ in })
        } catch {
            await board.close()
            throw error
        }
        let duration = ContinuousClock.now - start
        await board.close()
        guard report.baud == 0 || report.baud == baud, report.failedBauds.isEmpty else {
            throw BenchError(description: "slot \(slot.name): \(baud) baud failed, \(report.baud) was used: no figure")
        }
        try Self.check(image, in: slot.flashFile, at: target?.fileOffset ?? Int(BenchImage.offset))
        return Result(duration: duration, report: report)
    }

    /// Proves that `image` stands in the flash file.
    static func check(_ image: [UInt8], in file: String, at offset: Int = Int(BenchImage.offset)) throws {
        let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: file))
        defer { try? handle.close() }
        try handle.seek(toOffset: UInt64(offset))
        guard let found = try handle.read(upToCount: image.count), found.elementsEqual(image) else {
            throw BenchError(description: "\(file) does not hold the image that was written: no figure")
        }
    }

    /// Makes the flash blank where the image goes, so that the next write starts from the same.
    static func blank(_ size: Int, in file: String, at offset: Int = Int(BenchImage.offset)) throws {
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: file))
        defer { try? handle.close() }
        try handle.seek(toOffset: UInt64(offset))
        try handle.write(contentsOf: Data(repeating: 0xFF, count: size))
    }
}
