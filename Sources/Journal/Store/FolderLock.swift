import Foundation

/// The lock by which one process owns a data folder; held for the life of the value.
final class FolderLock: Sendable {
    private let descriptor: Int32

    /// Takes `folder/lock`, or says who holds it.
    /// - Throws: ``JournalError`` with `locked` or `folder`.
    init(folder: String) throws {
        let path = folder + "/lock"
        let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard opened >= 0 else {
            throw JournalError(.folder, "cannot open \(path): \(String(cString: strerror(errno)))")
        }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            close(opened)
            throw JournalError(.locked, "\(folder) is in use by another station process; stop it or talk to it")
        }
        descriptor = opened
    }

    deinit { close(descriptor) }
}
