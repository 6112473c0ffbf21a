import CutPoint
import Glibc

/// The vault's folder, held open: 0700, its owner is this process's user, every file in it is reached through its
/// descriptor, so that nobody can slip another folder in between check and use.
struct VaultFolder: ~Copyable {
    let path: String
    private let descriptor: Int32

    /// The name under which new content is written before it takes its place. Used under ``lock()`` only.
    private static let scratchName = ".new"

    /// Opens the folder `path`; where `create` says so makes it, and its parent, when they are missing.
    init(_ path: String, create: Bool) throws(VaultError) {
        let descriptor = try Self.open(path, create: create)
        self.path = path
        self.descriptor = descriptor
    }

    private static func open(_ path: String, create: Bool) throws(VaultError) -> Int32 {
        if create {
            let parent = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
            for folder in [parent, path] where !folder.isEmpty {
                guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw failure("cannot make \(folder)") }
            }
        }
        let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("cannot open the folder \(path)") }
        do {
            try check(descriptor, what: "the folder \(path)", expected: 0o700)
            return descriptor
        } catch {
            Glibc.close(descriptor)
            throw error
        }
    }

    deinit {
        close(descriptor)
    }

    /// Makes this process the only writer of the folder until the folder is closed, or one of its readers. Waits for
    /// another writer, a writer for readers too.
    func lock(shared: Bool = false) throws(VaultError) {
        while flock(descriptor, shared ? LOCK_SH : LOCK_EX) != 0 {
            guard errno == EINTR else { throw Self.failure("cannot lock \(path)") }
        }
    }

    /// The whole content of a file after its mode and owner were checked; nil if there is no such file.
    func read<R>(
        _ name: String, longest: Int, _ body: (UnsafeRawBufferPointer) throws(VaultError) -> R
    ) throws(VaultError) -> R? {
        let file = openat(descriptor, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else {
            guard errno == ENOENT else { throw Self.failure("cannot open \(path)/\(name)") }
            return nil
        }
        defer { close(file) }
        try Self.check(file, what: "\(path)/\(name)", expected: 0o600)
        return try OpenSSL.withWipedBytes(longest + 1) { (buffer) throws(VaultError) in
            guard let count = buffer.fill(from: file) else { throw Self.failure("cannot read \(path)/\(name)") }
            return try body(UnsafeRawBufferPointer(rebasing: buffer[0..<count]))
        }
    }

    /// Puts `content` in the place of file `name` at once and for good: written aside with mode 0600, synced, renamed, the
    /// folder synced. A crash leaves the old content or the new, never a part.
    func replace(_ name: String, with content: UnsafeRawBufferPointer) throws(VaultError) {
        guard unlinkat(descriptor, Self.scratchName, 0) == 0 || errno == ENOENT else {
            throw Self.failure("cannot remove \(path)/\(Self.scratchName)")
        }
        let file = openat(descriptor, Self.scratchName, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Self.failure("cannot write in \(path)") }
        do {
            defer { close(file) }
            // The process's umask may have taken bits away; it cannot have added any.
            guard fchmod(file, 0o600) == 0 else { throw Self.failure("cannot set the mode of a file in \(path)") }
            var rest = content
            while !rest.isEmpty {
                let written = write(file, rest.baseAddress, rest.count)
                if written < 0 && errno == EINTR { continue }
                guard written > 0 else { throw Self.failure("cannot write \(path)/\(name)") }
                rest = UnsafeRawBufferPointer(rebasing: rest[written...])
            }
            guard fsync(file) == 0 else { throw Self.failure("cannot sync \(path)/\(name)") }
        }
        CutPoint.reach("vault.before")
        guard renameat(descriptor, Self.scratchName, descriptor, name) == 0 else {
            throw Self.failure("cannot put \(path)/\(name) in its place")
        }
        CutPoint.reach("vault.after")
        try sync()
    }

    /// Puts file `name` in the place of file `other`, at once and for good.
    func move(_ name: String, over other: String) throws(VaultError) {
        guard renameat(descriptor, name, descriptor, other) == 0 else {
            throw Self.failure("cannot put \(path)/\(other) in its place")
        }
        try sync()
    }

    /// Removes file `name`; false if it was not there.
    func remove(_ name: String) throws(VaultError) -> Bool {
        guard unlinkat(descriptor, name, 0) == 0 else {
            guard errno == ENOENT else { throw Self.failure("cannot remove \(path)/\(name)") }
            return false
        }
        try sync()
        return true
    }

    /// The names of the secrets whose files lie here, sorted.
    func names() throws(VaultError) -> [SecretName] {
        // A descriptor of its own: closedir closes it, and the position of the shared one would stay at the end.
        let copy = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0, let stream = fdopendir(copy) else { throw Self.failure("cannot list \(path)") }
        defer { closedir(stream) }
        var names: [SecretName] = []
        while let entry = Glibc.readdir(stream) {
            let fileName = withUnsafeBytes(of: &entry.pointee.d_name) { field in
                String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let name = SecretName(fileName: fileName) { names.append(name) }
        }
        return names.sorted()
    }

    private func sync() throws(VaultError) {
        guard fsync(descriptor) == 0 else { throw Self.failure("cannot sync the folder \(path)") }
    }

    /// Refuses what is not ours alone: mode bits for group or others, another owner.
    private static func check(_ file: Int32, what: String, expected: mode_t) throws(VaultError) {
        var status = stat()
        guard fstat(file, &status) == 0 else { throw failure("cannot look at \(what)") }
        let mode = status.st_mode & 0o7777
        guard mode & 0o077 == 0 else {
            throw VaultError(
                .permissions,
                "\(what) may be used by others: expected mode \(octal(expected)), received \(octal(mode)); "
                    + "find out who has read it, then chmod \(String(expected, radix: 8)) it")
        }
        guard status.st_uid == geteuid() else {
            throw VaultError(
                .owner,
                "\(what) belongs to user \(status.st_uid), this program runs as user \(geteuid()); run it as the owner")
        }
    }

    private static func octal(_ mode: mode_t) -> String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    private static func failure(_ what: String) -> VaultError {
        let reason = String(cString: strerror(errno))
        return VaultError(.system, "\(what): \(reason)")
    }
}
