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
    private let mask: SecretMask
    private let scratch: String?
    private let runner: ToolRunner
    private let releasePort: () throws(LoaderError) -> Void
    private let takePort: () throws(LoaderError) -> Void

    /// - Parameters:
    ///   - identity: of the program, by ``ToolIdentityReader``; it is the one that is run.
    ///   - secrets: taken out of everything the program prints.
    ///   - scratch: where the folder for images is made; nil takes the system's temporary folder. Best in memory.
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

    /// One run of the program with the port given up meanwhile.
    private func run(
        _ template: ToolTemplate, _ region: FlashRegion, file: String, onLine: (String) -> Void
    ) throws(LoaderError) -> ToolRunner.Outcome {
        let arguments = try mapped(region) { () throws(ToolError) in try self.arguments(template, region, file: file) }
        guard identity.isUnchanged else {
            throw LoaderError(
                .stub, "\(identity.path) was replaced since its SHA-256 was taken: start the run again",
                region: region.name)
        }
        try releasePort()
        let outcome: ToolRunner.Outcome
        do {
            outcome = try mapped(region) { () throws(ToolError) in
                try runner.runBlocking(identity.path, arguments, within: tool.limit, onLine: onLine)
            }
        } catch {
            // What ended the run says more than what the port says afterwards.
            do { try takePort() } catch {}
            throw error
        }
        if outcome.ending == .exited(0) {
            try takePort()
        } else {
            do { try takePort() } catch {}
        }
        return outcome
    }

    private func arguments(
        _ template: ToolTemplate, _ region: FlashRegion, file: String
    ) throws(ToolError) -> [String] {
        if !template.uses(.offset), region.offset != 0 {
            throw ToolError(
                .template,
                "the command has no {offset} and region \(region.name) starts at 0x\(String(region.offset, radix: 16)): "
                    + "such a command writes only at 0")
        }
        var values: [ToolTemplate.Placeholder: String] = [
            .port: target.port, .offset: "0x\(String(region.offset, radix: 16))", .file: file,
            .size: "\(region.padded.count)", .slot: target.slot,
        ]
        values[.portPath] = target.portPath
        values[.chip] = target.chip
        if target.baud > 0 { values[.baud] = "\(target.baud)" }
        return try template.arguments(values)
    }

    /// The error of a run that did not end well: by the profile's patterns, else by how it ended.
    private func failure(
        _ outcome: ToolRunner.Outcome, _ doing: String, _ region: FlashRegion, otherwise: LoaderError.Kind
    ) -> LoaderError {
        let lines = outcome.tail.map { String(mask.mask($0).prefix(160)) }
        let ended =
            switch outcome.ending {
            case .exited(0): "ended with status 0 but did not print \"\(tool.written?.text ?? "")\""
            case .exited(let status): "ended with status \(status)"
            case .signalled(let number): "was ended by signal \(number)"
            case .timedOut: "did not end within \(tool.limit) and was stopped"
            }
        let told = lines.suffix(6).joined(separator: " | ")
        let known = tool.failures.first { failure in outcome.tail.contains { failure.pattern.matches($0) } }
        let kind = known?.kind ?? (outcome.ending == .timedOut ? .noResponse : otherwise)
        return LoaderError(
            kind,
            "\(tool.name) \(ended) as it \(doing) the region; "
                + (told.isEmpty ? "it printed nothing" : "it said: \(told)"),
            region: region.name, address: region.offset)
    }

    private func mapped<R>(_ region: FlashRegion?, _ body: () throws(ToolError) -> R) throws(LoaderError) -> R {
        do {
            return try body()
        } catch {
            throw LoaderError(
                error.code == .cancelled ? .cancelled : .stub, mask.mask(error.sentence), region: region?.name)
        }
    }
}
