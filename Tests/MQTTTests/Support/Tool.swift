import Foundation
import Locking

/// A foreign program run by a test.
///
/// Started by `posix_spawn` so that it inherits nothing but its own output: with Foundation's `Process`, a program could
/// keep another test's sockets and pipes open and hide their end.
struct Tool: Sendable {
    let path: String

    /// Found in PATH or in /usr/sbin; nil if it is not installed.
    init?(_ name: String) {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        let paths = (folders + ["/usr/sbin", "/usr/bin"]).map { "\($0)/\(name)" }
        guard let path = paths.first(where: FileManager.default.isExecutableFile) else { return nil }
        self.path = path
    }

    /// Runs to the end; returns status and what was written to standard output and error together.
    func run(_ arguments: [String]) async throws -> (status: Int32, output: String) {
        try await start(arguments) { lines, exit in
            var output = ""
            for await line in lines { output += line + "\n" }
            return (await exit(), output)
        }
    }

    /// Runs while `body` does, with its lines as they come; then it is told to end, and its end is waited for.
    ///
    /// `exit` waits for the end by itself and gives the exit status, -1 after a signal.
    func start<R: Sendable>(
        _ arguments: [String],
        _ body: @Sendable (_ lines: AsyncStream<String>, _ exit: @Sendable () async -> Int32) async throws -> R
    ) async throws -> R {
        let child = try Child(path: path, arguments: arguments)
        let result: Result<R, any Error>
        do {
            result = .success(try await body(child.lines) { await child.exit() })
        } catch {
            result = .failure(error)
        }
        child.terminate()
        _ = await child.exit()
        return try result.get()
    }
}

/// A running program, its output, and its end.
private final class Child: Sendable {
    private enum Life {
        case running([CheckedContinuation<Int32, Never>])
        case ended(Int32)
    }

    let lines: AsyncStream<String>
    private let identifier: pid_t
    private let life = Locked(Life.running([]))

    /// One program is started at a time, so that none inherits the writing end of another's pipe.
    private static let starting = Locked(())

    init(path: String, arguments: [String]) throws {
        let (identifier, output) = try Self.starting.withLock { _ in try Self.spawn(path, arguments) }
        self.identifier = identifier
        let (lines, feed) = AsyncStream.makeStream(of: String.self)
        self.lines = lines
        Thread { self.read(output, feed) }.start()
    }

    /// Returns the program's number and the descriptor of its output.
    private static func spawn(_ path: String, _ arguments: [String]) throws -> (pid_t, Int32) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw POSIXError(.EMFILE) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
        // NIO's sockets are inherited, and a child that holds one hides that it was closed.
        for descriptor in Int32(3)..<1024 { posix_spawn_file_actions_addclose(&actions, descriptor) }
        // The threads of Swift's pool block signals, and a program would inherit that: SIGTERM would not end it.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var argv: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        defer { for argument in argv { free(argument) } }
        var identifier: pid_t = 0
        let failure = posix_spawn(&identifier, path, &actions, &attributes, &argv, environ)
        close(ends[1])
        guard failure == 0 else {
            close(ends[0])
            throw POSIXError(POSIXErrorCode(rawValue: failure) ?? .EIO)
        }
        return (identifier, ends[0])
    }

    /// Asks it to end, unless it has.
    func terminate() {
        life.withLock { life in
            // While the lock is held nobody collects it, so its number is still its own.
            if case .running = life { kill(identifier, SIGTERM) }
        }
    }

    func exit() async -> Int32 {
        await withCheckedContinuation { continuation in
            let status = life.withLock { life -> Int32? in
                switch life {
                case .ended(let status): return status
                case .running(let waiting):
                    life = .running(waiting + [continuation])
                    return nil
                }
            }
            if let status { continuation.resume(returning: status) }
        }
    }

    /// On a thread of its own: reads to the end of the output, then collects the program.
    private func read(_ output: Int32, _ feed: AsyncStream<String>.Continuation) {
        var rest: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Foundation.read(output, &part, part.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            rest += part[..<count]
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                feed.yield(String(decoding: rest[..<end], as: UTF8.self))
                rest.removeSubrange(...end)
            }
        }
        close(output)
        if !rest.isEmpty { feed.yield(String(decoding: rest, as: UTF8.self)) }
        feed.finish()
        var information = siginfo_t()
        while waitid(P_PID, id_t(identifier), &information, WEXITED | WNOWAIT) < 0, errno == EINTR {}
        let (status, waiting) = life.withLock { life -> (Int32, [CheckedContinuation<Int32, Never>]) in
            var raw: Int32 = 0
            while waitpid(identifier, &raw, 0) < 0, errno == EINTR {}
            let status = raw & 0x7F == 0 ? (raw >> 8) & 0xFF : -1
            guard case .running(let waiting) = life else { return (status, []) }
            life = .ended(status)
            return (status, waiting)
        }
        for continuation in waiting { continuation.resume(returning: status) }
    }
}
