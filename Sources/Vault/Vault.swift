public import Provisioning

/// Secrets at rest: each sealed by AES-256-GCM in a file of its own under `DATA/vault`.
///
/// ```
/// DATA/vault/                    0700
///   key                          0600, the data key: 32 random bytes, made at first use, in clear or wrapped
///   key.next                     0600, only while everything is sealed anew under it
///   product.PRODUCTKEY.sealed    0600
///   access-key.ID.sealed         0600
/// ```
/// A secret stays in no memory of the vault's: each call reads what it needs and wipes it. From the data key two others are
/// derived by HKDF-SHA256, one that seals and one for ``keyedDigest(of:context:)``. What guards the data key is the
/// ``KeyProtection``.
///
/// Calls are synchronous, read or sync a small file each, and may be made from any thread and from several processes;
/// writers wait for each other, and readers for writers. What the seal does not stop: somebody who can read a key that lies
/// in clear, as the same user or as root, opens every secret. Keep such a key out of the backup that holds the sealed files,
/// or guard that backup alike.
public struct Vault: Sendable {
    /// The vault's folder, `DATA/vault`.
    public let folder: String
    let keeper: KeyKeeper

    /// The longest secret, in bytes.
    public static let longestSecret = 4096

    static let keyName = "key"
    static let nextKeyName = "key.next"
    private static let salt = Array("provisioning-station vault 1".utf8)

    /// Opens the vault of a data folder. At first use makes the folder (0700) and its key (0600). A rotation that a crash
    /// cut off is finished first.
    /// - Parameter protection: what guards the data key.
    /// - Throws: ``VaultError`` with `permissions` or `owner` if others may read folder or key, `keySize` for a key that
    ///   has not 32 bytes, `keyMissing` if sealed files are there without their key, `protection` if the key is guarded
    ///   another way, `credential` or `token` if what guards it does not give it, `system`.
    public static func open(
        dataFolder: String, protection: KeyProtection = .file
    ) throws(VaultError) -> Vault {
        let vault = Vault(dataFolder: dataFolder, protection: protection)
        let folder = try VaultFolder(vault.folder, create: true)
        try folder.lock()
        if try vault.hasKey(folder) {
            try vault.finishRotation(in: folder)
        } else {
            try vault.makeKey(in: folder)
        }
        return vault
    }

    /// Seals `secret` as `name`, in the place of what was there before.
    /// - Throws: ``VaultError`` with `secretSize` outside 1 to ``longestSecret`` bytes, or as ``open(dataFolder:)``.
    public func seal(_ secret: Secret, as name: SecretName) throws(VaultError) {
        guard (1...Self.longestSecret).contains(secret.count) else {
            throw VaultError(
                .secretSize, "\(name): a secret has 1 to \(Self.longestSecret) bytes, received \(secret.count)")
        }
        let folder = try VaultFolder(self.folder, create: false)
        try folder.lock()
        try put(secret, as: name, in: folder)
    }

    /// Seals `secret` as `name` unless one is sealed already.
    /// - Returns: what is sealed now.
    func sealFirst(_ secret: Secret, as name: SecretName) throws(VaultError) -> Secret {
        let folder = try VaultFolder(self.folder, create: false)
        try folder.lock()
        if let known = try self.secret(name, in: folder) { return known }
        try put(secret, as: name, in: folder)
        return secret
    }

    /// Seals under the key named `keyName`.
    func put(
        _ secret: Secret, as name: SecretName, in folder: borrowing VaultFolder, under keyName: String = Vault.keyName
    ) throws(VaultError) {
        let file = try withKey(.seal, named: keyName, in: folder) { (key) throws(VaultError) in
            try secret.withUnsafeBytes { (bytes) throws(VaultError) in
                try SealedFile.seal(bytes, as: name, key: key)
            }
        }
        try Self.replace(name.fileName, with: file.bytes, in: folder)
    }

    /// The secret sealed as `name`; nil if there is none.
    /// - Throws: ``VaultError`` with `format`, `renamed`, `truncated` or `tampered` if the file is not what was sealed, or as
    ///   ``open(dataFolder:protection:)``.
    public func secret(_ name: SecretName) throws(VaultError) -> Secret? {
        let folder = try VaultFolder(self.folder, create: false)
        try folder.lock(shared: true)
        return try secret(name, in: folder)
    }

    /// The same under a lock that is held, by the key named `keyName`.
    func secret(
        _ name: SecretName, in folder: borrowing VaultFolder, under keyName: String = Vault.keyName
    ) throws(VaultError) -> Secret? {
        let longest = Self.longestSecret + 256
        let content = try folder.read(name.fileName, longest: longest) { (bytes) throws(VaultError) in Array(bytes) }
        guard let content else { return nil }
        let file = try SealedFile(content, expected: name)
        return try withKey(.seal, named: keyName, in: folder) { (key) throws(VaultError) in
            try OpenSSL.withWipedBytes(file.ciphertext.count) { (plaintext) throws(VaultError) in
                try file.open(key: key, into: plaintext)
                return Secret(copying: UnsafeRawBufferPointer(plaintext))
            }
        }
    }

    /// The names of all sealed secrets, sorted. Opens none of them.
    public func names() throws(VaultError) -> [SecretName] {
        try VaultFolder(folder, create: false).names()
    }

    /// Removes the secret sealed as `name`; false if there was none.
    @discardableResult
    public func remove(_ name: SecretName) throws(VaultError) -> Bool {
        let folder = try VaultFolder(self.folder, create: false)
        try folder.lock()
        return try folder.remove(name.fileName)
    }

    /// HMAC-SHA256 of a secret as 64 lower-case hexadecimal digits, under a key that never leaves this vault.
    ///
    /// Two digests of one vault and one context are equal exactly if the secrets are: so a DeviceSecret can be compared with
    /// an earlier one without keeping either, before and after a rotation. Without the vault's key a digest tells nothing
    /// about the secret.
    /// - Parameter context: what the digest is for, such as a device's name; digests of different contexts cannot be compared.
    public func keyedDigest(of secret: Secret, context: String) throws(VaultError) -> String {
        let folder = try VaultFolder(self.folder, create: false)
        try folder.lock(shared: true)
        let root = try self.secret(Self.digestRoot(), in: folder)
        return try withKey(.digest(context: context), in: folder, root: root) { (key) throws(VaultError) in
            try OpenSSL.withWipedBytes(OpenSSL.digestSize) { (digest) throws(VaultError) in
                try secret.withUnsafeBytes { (bytes) throws(VaultError) in
                    try OpenSSL.hmac(key: key, message: bytes, into: digest)
                }
                return digest.map(Self.hexPair).joined()
            }
        }
    }

    /// The name of the key that keyed digests come from since the first rotation: the first data key, so that digests stay
    /// comparable. Until then it is the data key itself.
    static func digestRoot() throws(VaultError) -> SecretName { try SecretName(.digest, "root") }

    /// What a derived key is for; no two uses share one.
    private enum Use {
        case seal
        case digest(context: String)

        var info: [UInt8] {
            switch self {
            case .seal: Array("seal".utf8)
            case .digest(let context): Array("keyed digest ".utf8) + Array(context.utf8)
            }
        }
    }

    init(dataFolder: String, protection: KeyProtection) {
        let trimmed = dataFolder.count > 1 && dataFolder.hasSuffix("/") ? String(dataFolder.dropLast()) : dataFolder
        folder = trimmed + "/vault"
        keeper = KeyKeeper(protection)
    }

    private func withKey<R>(
        _ use: Use, named keyName: String = Vault.keyName, in folder: borrowing VaultFolder, root: Secret? = nil,
        _ body: (UnsafeRawBufferPointer) throws(VaultError) -> R
    ) throws(VaultError) -> R {
        func derived(from key: UnsafeRawBufferPointer) throws(VaultError) -> R {
            try OpenSSL.withWipedBytes(OpenSSL.keySize) { (derived) throws(VaultError) in
                try OpenSSL.deriveKey(from: key, salt: Self.salt, info: use.info, into: derived)
                return try body(UnsafeRawBufferPointer(derived))
            }
        }
        if let root { return try root.withUnsafeBytes(derived) }
        return try withDataKey(named: keyName, in: folder, derived)
    }

    /// Lends the data key of the key file `keyName`.
    func withDataKey<R>(
        named keyName: String = Vault.keyName, in folder: borrowing VaultFolder,
        _ body: (UnsafeRawBufferPointer) throws(VaultError) -> R
    ) throws(VaultError) -> R {
        let path = "\(self.folder)/\(keyName)"
        let result = try folder.read(keyName, longest: KeyFile.longest) { (content) throws(VaultError) in
            try keeper.withKey(in: content, path: path, body)
        }
        guard let result else { throw missingKey() }
        return result
    }

    /// Whether a usable key lies in the folder.
    private func hasKey(_ folder: borrowing VaultFolder) throws(VaultError) -> Bool {
        let path = "\(self.folder)/\(Self.keyName)"
        return try folder.read(Self.keyName, longest: KeyFile.longest) { (content) throws(VaultError) in
            try keeper.withKey(in: content, path: path) { (_) throws(VaultError) in true }
        } ?? false
    }

    private func makeKey(in folder: borrowing VaultFolder) throws(VaultError) {
        // A new key beside old sealed files would make them unreadable for ever and look like tampering.
        guard try folder.names().isEmpty else { throw missingKey() }
        try writeNewKey(Self.keyName, in: folder)
    }

    /// Puts a fresh data key into the key file `name`.
    func writeNewKey(_ name: String, in folder: borrowing VaultFolder) throws(VaultError) {
        try OpenSSL.withWipedBytes(OpenSSL.keySize) { (key) throws(VaultError) in
            try OpenSSL.fillRandom(key)
            try keeper.withFile(for: UnsafeRawBufferPointer(key)) { (content) throws(VaultError) in
                try folder.replace(name, with: content)
            }
        }
    }

    private func missingKey() -> VaultError {
        VaultError(
            .keyMissing,
            "\(folder)/\(Self.keyName) is missing: put the key back from its backup, or remove the sealed files beside it "
                + "and set every secret again")
    }

    private static func replace(
        _ name: String, with bytes: [UInt8], in folder: borrowing VaultFolder
    ) throws(VaultError) {
        // Not `withUnsafeBytes` with a throwing body: that would lose the error's type.
        let outcome = bytes.withUnsafeBytes { content in
            Result { () throws(VaultError) in try folder.replace(name, with: content) }
        }
        try outcome.get()
    }

    private static func hexPair(_ byte: UInt8) -> String {
        let digits = Array("0123456789abcdef")
        return String([digits[Int(byte >> 4)], digits[Int(byte & 15)]])
    }
}
