import Foundation
import Testing

/// Storage that fails below the whole executable: a library that is preloaded into it (`Tests/StoragePreload`).
struct StorageFault: Sendable {
    enum Kind: String, Sendable, CaseIterable { case EIO, ENOSPC, SHORT }

    /// Part of the paths that fail; `PATH$` = PATH itself and nothing below it.
    let path: String
    /// `open`, `write`, `sync`, `truncate`, `rename`, `unlink`, `mkdir`, `read`.
    let calls: String
    var kind = Kind.ENOSPC
    /// The call that fails, from 1.
    var nth = 1
    var once = false
    /// Calls fail only while this file is there; nil = always.
    var when: String?
    /// A line for each call that failed.
    let log: String

    /// The library, as the build left it beside the executable.
    static let library = URL(fileURLWithPath: Program.station.path).deletingLastPathComponent()
        .appendingPathComponent("libstorage-preload.so").path

    static var isThere: Bool { FileManager.default.fileExists(atPath: library) }

    var environment: [String: String] {
        var variables = [
            "LD_PRELOAD": Self.library, "STORAGE_FAULT_PATH": path, "STORAGE_FAULT_CALLS": calls,
            "STORAGE_FAULT_ERROR": kind.rawValue, "STORAGE_FAULT_NTH": String(nth), "STORAGE_FAULT_LOG": log,
        ]
        if once { variables["STORAGE_FAULT_ONCE"] = "1" }
        variables["STORAGE_FAULT_WHEN"] = when
        return variables
    }

    /// The calls that have failed so far.
    var failed: [String] {
        ((try? String(contentsOfFile: log, encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
    }
}
