import Bench
import BoardProtocols
import Foundation
import Simulation
import Synchronization

/// A simulated STM32 loader behind a pty, and what is needed to talk to it.
struct STM32Bed: Sendable {
    struct Failure: Error, CustomStringConvertible { var description: String }

    static let uid: [UInt8] = [0x32, 0x00, 0x2B, 0x00, 0x11, 0x47, 0x34, 0x33, 0x32, 0x36, 0x36, 0x38]

    let host: WireHost
    let flash: FlashChip
    let path: String

    /// Runs `body` with a host for the model that `make` builds on a fresh flash chip.
    static func with<R>(
        stuckBit: BoardFault.StuckBit? = nil, _ make: (FlashChip) -> (any WireModel)?,
        _ body: (STM32Bed) async throws -> R
    ) async throws -> R {
        try await withBoardFolder { folder in
            let flash = try FlashChip(file: nil, stuckBit: stuckBit)
            guard let model = make(flash) else { throw Failure(description: "the part table lacks the model's part") }
            let loop = PollLoop(name: "stm32")
            let path = folder.appendingPathComponent("tty").path
            let host = try WireHost(model, link: path, loop: loop)
            await host.begin()
            do {
                let result = try await body(STM32Bed(host: host, flash: flash, path: path))
                await host.close()
                loop.shutdown()
                return result
            } catch {
                await host.close()
                loop.shutdown()
                throw error
            }
        }
    }

    /// Runs `body` with a loader on a fresh link, on a thread of its own; the link is closed at its end.
    func loader<R: Sendable>(
        memory: STM32Loader.IdentityMemory? = nil, startAddress: UInt32? = nil, resumes: Bool = true,
        afterReset: Bool = true,
        _ body: @escaping @Sendable (STM32Loader) throws -> R
    ) async throws -> R {
        try await Self.loader(
            at: path, memory: memory, startAddress: startAddress, resumes: resumes, afterReset: afterReset,
            body)
    }

    static func loader<R: Sendable>(
        at path: String, memory: STM32Loader.IdentityMemory? = nil, startAddress: UInt32? = nil, resumes: Bool = true,
        afterReset: Bool = true,
        _ body: @escaping @Sendable (STM32Loader) throws -> R
    ) async throws -> R {
        try await onThread {
            let link = try PortAddress(path).open(baud: STM32Loader.usualBaud, parity: .even)
            defer { link.close() }
            let loader = STM32Loader(
                link: link, identityMemory: memory, startAddress: startAddress, resumes: resumes)
            try loader.synchronise(afterReset: afterReset)
            return try body(loader)
        }
    }

    /// The model as it is now.
    func model() async throws -> STM32LoaderModel {
        guard let model = await host.current as? STM32LoaderModel else {
            throw Failure(description: "another model is behind the wire")
        }
        return model
    }

    /// Bytes that look random, without long runs of FFh.
    static func image(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
        var generator = Generator(state: seed)
        return (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next() >> 32) }
    }

    /// Reproducible numbers (SplitMix64).
    struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return value ^ (value >> 31)
        }
    }
}

/// A model that falls silent after so many bytes and says so, so that the board can be unplugged at that moment.
struct UnpluggedModel: WireModel {
    var model: STM32LoaderModel
    let limit: Int
    let onLimit: @Sendable () -> Void
    private var count = 0

    init(_ model: STM32LoaderModel, after limit: Int, onLimit: @escaping @Sendable () -> Void) {
        self.model = model
        self.limit = limit
        self.onLimit = onLimit
    }

    mutating func receive(_ input: [UInt8]) -> [WireAction] {
        let taken = Array(input.prefix(max(0, limit - count)))
        count += input.count
        let actions = model.receive(taken)
        guard count >= limit else { return actions }
        onLimit()
        return [.unplug]
    }
}
