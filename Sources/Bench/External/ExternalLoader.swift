import BoardProtocols
import Foundation
import Provisioning

/// Writes a board by an external program, run once for each region and step.
///
/// The program opens the board's port itself: `releasePort` is called before each run and `takePort` after it, also
/// after a failure. It cannot say which board it writes; the chain of port and time must do. Images reach it as files
/// that only this account can read and that are gone when the run is over. Blocks the slot's thread.
final class ExternalLoader: BoardLoader {
    /// What fills the templates besides the region.
    struct Target {
        /// As the tool names it: a device path, `socket://HOST:PORT`, or a probe's unique id.
        var port: String
        /// The USB port path, such as `1-1.4`.
        var portPath: String?
        /// Bits a second; 0 where the tool knows no rate.
        var baud = 0
        /// As the tool names it.
        var chip: String?
        var slot: String
    }

    let tool: ExternalTool
    let identity: ToolIdentity
    let target: Target
    private(set) var traffic = (sent: 0, received: 0)
    let mask: SecretMask
    private let scratch: String?
    let runner: ToolRunner
    let releasePort: () throws(LoaderError) -> Void
    let takePort: () throws(LoaderError) -> Void

    /// - Parameters:
    ///   - identity: of the program, by ``ToolIdentityReader``; it is the one that is run.
    ///   - secrets: taken out of everything the program prints.
    ///   - scratch: where the folder for images is made; nil takes the usual place, in memory where there is one.
    init(
        _ tool: ExternalTool, identity: ToolIdentity, target: Target, secrets: [Secret] = [], scratch: String? = nil,
        runner: ToolRunner = ToolRunner(), releasePort: @escaping () throws(LoaderError) -> Void = {},
        takePort: @escaping () throws(LoaderError) -> Void = {}
    ) {
        self.tool = tool
        self.identity = identity
        self.target = target
        self.scratch = scratch
        self.runner = runner
        self.releasePort = releasePort
        self.takePort = takePort
        mask = SecretMask(secrets)
    }

    var baud: Int { target.baud }
    var readsIdentity: Bool { false }
    var method: FlashReport.Method {
        .tool(name: identity.name, version: identity.version, sha256: identity.sha256)
    }

    func readBoard() throws(LoaderError) -> BoardReading {
        throw LoaderError(.protocolError, "\(tool.name) cannot say which board it writes")
    }

    func prepareFlash(end: UInt64) throws(LoaderError) -> UInt32? { nil }

    func holds(_ region: FlashRegion) throws(LoaderError) -> Bool {
        guard tool.comparesFirst else { return false }
        do {
            try compare(region)
            return true
        } catch {
            // Blank flash, or one that cannot be read yet: the write will tell.
            guard [.verifyMismatch, .protocolError].contains(error.kind) else { throw error }
            return false
        }
    }

    func write(_ region: FlashRegion, onEvent: (FlashEvent) -> Void) throws(LoaderError) -> Bool {
        let image = region.padded
        var progress = ToolProgress(pattern: tool.progress, total: image.count)
        onEvent(.writing(region: region.name, sent: 0, total: image.count))
        try withScratch { folder throws(LoaderError) in
            let file = try mapped(region) { () throws(ToolError) in try folder.write(image, name: "image.bin") }
            var isWritten = tool.written == nil
            let outcome = try run(tool.write, region, file: file) { line in
                if tool.written?.matches(line) == true { isWritten = true }
                guard let sent = progress.bytes(in: line) else { return }
                onEvent(.writing(region: region.name, sent: sent, total: image.count))
            }
            guard outcome.ending == .exited(0), isWritten else {
                throw failure(outcome, "wrote", region, otherwise: .blockWrite)
            }
        }
        traffic.sent += image.count
        onEvent(.writing(region: region.name, sent: image.count, total: image.count))
        return false
    }

    func verify(_ region: FlashRegion, onEvent: (FlashEvent) -> Void) throws(LoaderError) {
        onEvent(.verifying(region: region.name))
        try compare(region)
        onEvent(.verified(region: region.name, md5: Digest.hex(Digest.md5(region.padded))))
    }

    private func compare(_ region: FlashRegion) throws(LoaderError) {
        let image = region.padded
        try withScratch { folder throws(LoaderError) in
            switch tool.verification {
            case .status(let template):
                let file = try mapped(region) { () throws(ToolError) in try folder.write(image, name: "image.bin") }
                let outcome = try run(template, region, file: file) { _ in }
                guard outcome.ending == .exited(0) else {
                    throw failure(outcome, "compared", region, otherwise: .verifyMismatch)
                }
            case .readBack(let template):
                let file = "\(folder.path)/flash.bin"
                let outcome = try run(template, region, file: file) { _ in }
                guard outcome.ending == .exited(0) else {
                    throw failure(outcome, "read back", region, otherwise: .protocolError)
                }
                let found = FileManager.default.contents(atPath: file).map { [UInt8]($0) } ?? []
                traffic.received += found.count
                try compare(found, image, region)
            }
        }
    }

    private func compare(_ found: [UInt8], _ image: [UInt8], _ region: FlashRegion) throws(LoaderError) {
        let different = zip(found, image).enumerated().first { $1.0 != $1.1 }
        if let (place, bytes) = different {
            throw LoaderError(
                .verifyMismatch, "flash differs from the image as \(tool.name) reads it back", region: region.name,
                address: region.offset &+ UInt32(place), expected: "byte \(Digest.hex([bytes.1]))",
                received: "byte \(Digest.hex([bytes.0]))")
        }
        guard found.count >= image.count else {
            throw LoaderError(
                .verifyMismatch, "\(tool.name) read back \(found.count) bytes, expected \(image.count)",
                region: region.name, address: region.offset &+ UInt32(found.count), expected: "\(image.count) bytes",
                received: "\(found.count) bytes")
        }
    }

    private func withScratch(_ body: (ScratchFolder) throws(LoaderError) -> Void) throws(LoaderError) {
        let folder = try mapped(nil) { () throws(ToolError) in try ScratchFolder(in: scratch) }
        defer { folder.remove() }
        try body(folder)
    }
}
