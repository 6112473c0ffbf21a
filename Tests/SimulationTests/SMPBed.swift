import BoardProtocols
import Foundation
import Simulation
import Testing

@testable import Bench

/// A simulated SMP server behind a pty in a folder of its own, and a way to talk to it from a slot's thread.
struct SMPBed: Sendable {
    let host: WireHost
    let folder: URL
    let loop: PollLoop
    var port: String { host.link }

    static let slots = [SMPSlot(offset: 0x10000, size: 0x20000), SMPSlot(offset: 0x30000, size: 0x20000)]

    static func flash() throws -> FlashChip { try FlashChip(file: nil) }

    /// The model most tests use.
    static func model(_ mode: SMPServerModel.Mode, _ flash: FlashChip) -> SMPServerModel {
        SMPServerModel(mode, flash: flash, slots: mode == .recovery ? [slots[0]] : slots)
    }

    /// A signed image of `size` payload bytes; another seed gives another image.
    static func image(_ size: Int, seed: UInt64 = 1, version: MCUbootImage.Version = .init(1, 2, 3)) -> [UInt8] {
        var state = seed
        let payload = (0..<size).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(state >> 56)
        }
        return MCUbootImage.build(payload: payload, version: version) { Digest.sha256($0) }
    }

    static func region(_ image: [UInt8], name: String = "app") -> FlashRegion {
        FlashRegion(name: name, offset: 0, image: image)
    }

    static func with<R>(_ model: SMPServerModel, _ body: (SMPBed) async throws -> R) async throws -> R {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("smp-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let loop = PollLoop(name: "smp")
        defer { loop.shutdown() }
        let link = folder.appendingPathComponent("tty").path
        let host = try WireHost(model, link: link, loop: loop)
        await host.begin()
        do {
            let result = try await body(SMPBed(host: host, folder: folder, loop: loop))
            await host.close()
            return result
        } catch {
            await host.close()
            throw error
        }
    }

    /// The server as it is now.
    func server() async throws -> SMPServerModel { try #require(await host.current as? SMPServerModel) }

    /// Changes the server behind the wire.
    func change(_ body: (inout SMPServerModel) -> Void) async throws {
        var model = try await server()
        body(&model)
        await host.replace(model)
    }

    /// ``change(_:)`` from a slot's thread, which waits until it is done.
    func changeNow(_ body: @escaping @Sendable (inout SMPServerModel) -> Void) {
        let done = DispatchSemaphore(value: 0)
        Task {
            try await change(body)
            done.signal()
        }
        done.wait()
    }

    /// Runs `body` on a thread of its own with the opened port.
    func onSlot<R: Sendable>(_ body: @escaping @Sendable (SerialLink) throws -> R) async throws -> R {
        let port = port
        return try await withCheckedThrowingContinuation { continuation in
            Thread {
                continuation.resume(
                    with: Result {
                        let link = try SerialLink(path: port, baud: 115_200)
                        defer { link.close() }
                        return try body(link)
                    })
            }.start()
        }
    }

    /// A connected loader on a slot's thread.
    func withLoader<R: Sendable>(
        images: [String: Int] = [:], firstAnswer: Duration = .seconds(40), timeout: Duration = .milliseconds(2500),
        _ body: @escaping @Sendable (SMPLoader) throws -> R
    ) async throws -> R {
        try await onSlot { link in
            let loader = SMPLoader(
                session: SMPSession(link: link, timeout: timeout), images: images, firstAnswer: firstAnswer)
            try loader.connect()
            return try body(loader)
        }
    }
}
