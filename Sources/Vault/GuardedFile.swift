import Glibc
public import Provisioning

/// A small secret file that lies outside the vault: a credential of systemd, a token's PIN.
public enum GuardedFile {
    /// The longest content, in bytes.
    static let longest = 4096

    /// The file's content, after its rights were checked: a regular file, no link, of this process's user or of root,
    /// neither group nor others may write or, but for what systemd lends, read it.
    /// - Parameters:
    ///   - what: what it is, for errors.
    ///   - isLine: whether it is one line of text, whose end is not part of it.
    /// - Throws: ``VaultError`` with `credential`, `permissions` or `owner`.
    public static func read(_ path: String, what: String, isLine: Bool = false) throws(VaultError) -> Secret {
        let file = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else {
            throw VaultError(.credential, "the \(what) \(path) cannot be opened: \(String(cString: strerror(errno)))")
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw VaultError(.credential, "the \(what) \(path) is no regular file")
        }
        guard status.st_uid == geteuid() || status.st_uid == 0 else {
            throw VaultError(
                .owner,
                "the \(what) \(path) belongs to user \(status.st_uid), expected \(geteuid()) or root; change its owner")
        }
        // systemd lends its credentials read-only to the service's user: 0400, or 0440 with an access list of root's.
        let isLent = status.st_uid == 0 && geteuid() != 0
        let forbidden: mode_t = isLent ? 0o037 : 0o077
        guard status.st_mode & forbidden == 0 else {
            throw VaultError(
                .permissions,
                "the \(what) \(path) may be used by others: expected mode 0600 or less, received "
                    + "0\(String(status.st_mode & 0o7777, radix: 8)); find out who has read it, then chmod 600 it")
        }
        return try OpenSSL.withWipedBytes(longest + 1) { (buffer) throws(VaultError) in
            guard var count = buffer.fill(from: file) else {
                throw VaultError(.credential, "the \(what) \(path) cannot be read: \(String(cString: strerror(errno)))")
            }
            if isLine {
                while count > 0, [10, 13].contains(buffer[count - 1]) { count -= 1 }
            }
            guard (1...longest).contains(count) else {
                throw VaultError(
                    .credential,
                    "the \(what) \(path) must have 1 to \(longest) bytes, received \(count == 0 ? "none" : "more")")
            }
            return Secret(copying: UnsafeRawBufferPointer(rebasing: buffer[0..<count]))
        }
    }
}
