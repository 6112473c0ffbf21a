import Bench
import BoardProtocols
import Foundation
import Glibc
import Simulation

/// A simulated AT module on a pseudo terminal in a folder of its own.
struct ATBench: Sendable {
    let host: WireHost
    let flash: FlashChip
    let link: String

    /// Runs `body` with a module that answers; unplugs it and removes its folder afterwards.
    static func with(
        _ settings: ATModuleSettings, seed: UInt64 = 1, _ body: (ATBench) async throws -> Void
    ) async throws {
        let flash = try FlashChip(file: nil)
        try await with(ATModule(settings, flash: flash, seed: seed), flash: flash, body)
    }

    static func with(
        _ model: any WireModel, flash: FlashChip, _ body: (ATBench) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("at-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let loop = PollLoop(name: "at")
        let link = folder.appendingPathComponent("tty").path
        let host = try WireHost(model, link: link, loop: loop)
        await host.begin()
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(ATBench(host: host, flash: flash, link: link)))
        } catch {
            result = .failure(error)
        }
        await host.close()
        loop.shutdown()
        try result.get()
    }

    /// Talks to the module on a thread that may block; the port is closed afterwards.
    func session<R: Sendable>(_ body: @escaping @Sendable (ATSession) throws -> R) async throws -> R {
        let worker = ATWorker()
        return try await worker.run(link, body)
    }

    var module: ATModule? { get async { await host.current as? ATModule } }
}

/// A slot's thread.
private actor ATWorker {
    private let thread = SlotThread(name: "at-worker")
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.unownedExecutor }

    func run<R: Sendable>(_ path: String, _ body: @Sendable (ATSession) throws -> R) throws -> R {
        let link = try SerialLink(path: path, baud: 115_200)
        defer { link.close() }
        return try body(ATSession(link: link))
    }
}
