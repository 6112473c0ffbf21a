import Foundation
import Glibc
import Provisioning

/// Which program writes a board: the version it states and the SHA-256 of its file, for the record of each unit.
///
/// Of a script the digest is the script's own: what it loads is told by the version only.
public struct ToolIdentity: Sendable, Hashable {
    /// As the profile names it.
    public let name: String
    /// Where the program was found, absolute, symbolic links not followed.
    public let path: String
    public let version: String
    /// Of the file at the end of all links; lower-case hexadecimal.
    public let sha256: String
    let stamp: Stamp

    /// What changes when a file is written or replaced.
    struct Stamp: Sendable, Hashable {
        let device: UInt
        let inode: UInt
        let size: Int
        let seconds: Int
        let nanoseconds: Int

        /// Of the file at `path`, links followed; nil where there is none.
        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            (device, inode, size) = (UInt(status.st_dev), UInt(status.st_ino), Int(status.st_size))
            (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
        }
    }

    /// Whether the file is still the one whose digest was taken, by its time and size.
    public var isUnchanged: Bool { Stamp(path) == stamp }

    /// The absolute path of a program.
    /// - Throws: ``ToolError`` `missing`.
    static func find(_ program: String) throws(ToolError) -> String {
        if program.contains("/") {
            let path = program.hasPrefix("/") ? program : "\(FileManager.default.currentDirectoryPath)/\(program)"
            guard isProgram(path) else {
                throw ToolError(.missing, "\(program) is not there or may not be run: install it, or correct its path")
            }
            return path
        }
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
        guard let folder = folders.first(where: { $0.hasPrefix("/") && isProgram("\($0)/\(program)") }) else {
            throw ToolError(.missing, "\(program) is in no folder of PATH: install it, or give its absolute path")
        }
        return "\(folder)/\(program)"
    }

    private static func isProgram(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
    }
}

/// Reads programs' identities and keeps them until their files change.
///
/// Works on a thread of its own: a digest reads a whole file.
public actor ToolIdentityReader {
    private struct Key: Hashable {
        let name: String
        let path: String
        let arguments: [String]
        let pattern: String
    }

    private let thread = SlotThread(name: "tools")
    private let runner: ToolRunner
    private var known: [Key: ToolIdentity] = [:]
    /// How often a program was run to read its version.
    private(set) var readings = 0

    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.unownedExecutor }

    public init(runner: ToolRunner = ToolRunner()) { self.runner = runner }

    /// The station's own: a program is read once for all slots.
    static let shared = ToolIdentityReader()

    /// The identity of the program that `tool` names now.
    /// - Throws: ``ToolError`` `missing`, `version`, `start`, `cancelled`, and `mismatch` where the file is not the
    ///   expected one: it is then not run.
    public func read(_ tool: ExternalTool) async throws -> ToolIdentity {
        let path = try ToolIdentity.find(tool.program)
        let resolved = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        try ExternalTool.refuseShell(resolved)
        guard let stamp = ToolIdentity.Stamp(path) else { throw ToolError(.missing, "\(path) went away") }
        let key = Key(
            name: tool.name, path: path, arguments: tool.versionArguments, pattern: tool.versionPattern.text)
        if let identity = known[key], identity.stamp == stamp {
            try Self.check(identity.sha256, tool, path)
            return identity
        }
        guard let bytes = FileManager.default.contents(atPath: resolved) else {
            throw ToolError(.missing, "\(resolved) cannot be read: its SHA-256 is needed for the record")
        }
        let sha256 = Digest.hex(Digest.sha256([UInt8](bytes)))
        try Self.check(sha256, tool, path)
        let identity = ToolIdentity(
            name: tool.name, path: path, version: try await version(of: tool, at: path), sha256: sha256, stamp: stamp)
        known[key] = identity
        return identity
    }

    private static func check(_ sha256: String, _ tool: ExternalTool, _ path: String) throws(ToolError) {
        guard let expected = tool.expectedSHA256, expected != sha256 else { return }
        throw ToolError(
            .mismatch,
            "\(path) is not the \(tool.name) that the profile names: expected SHA-256 \(expected), found \(sha256); "
                + "install the right one, or have the engineer release the new one")
    }

    private func version(of tool: ExternalTool, at path: String) async throws -> String {
        readings += 1
        let outcome = try await runner.run(path, tool.versionArguments, within: .seconds(30))
        guard let version = outcome.tail.lazy.compactMap({ tool.versionPattern.capture(in: $0) }).first else {
            throw ToolError(
                .version,
                "\(path) does not tell its version: none of the last \(outcome.tail.count) lines of its output fits "
                    + "\"\(tool.versionPattern)\"" + (outcome.ending == .timedOut ? "; it did not end within 30 s" : "")
            )
        }
        return version
    }
}
