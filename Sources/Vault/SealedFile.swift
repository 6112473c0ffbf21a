/// The content of one sealed file: header, nonce, ciphertext, tag.
///
/// ```
/// offset  size  content
/// 0       4     "PSVT"
/// 4       1     format version, 1
/// 5       1     length N of the name
/// 6       N     the name, "product/…" or "access-key/…"
/// 6+N     12    nonce, random for each sealing
/// 18+N    4     length L of the ciphertext, big endian
/// 22+N    L     AES-256-GCM ciphertext
/// 22+N+L  16    tag over the ciphertext and over everything before it
/// ```
/// The name stands inside so that a file moved under another name is told from one that was changed; the length, so that
/// a cut file is told from both.
struct SealedFile: Equatable {
    static let magic = Array("PSVT".utf8)
    static let version: UInt8 = 1

    let name: SecretName
    let nonce: [UInt8]
    let ciphertext: [UInt8]
    let tag: [UInt8]

    /// Seals `secret` under `name` with a fresh nonce.
    static func seal(
        _ secret: UnsafeRawBufferPointer, as name: SecretName, key: UnsafeRawBufferPointer
    ) throws(VaultError) -> SealedFile {
        let nonce = try OpenSSL.nonce()
        let sealed = try OpenSSL.seal(
            secret, key: key, nonce: nonce, associated: header(name: name, nonce: nonce, length: secret.count))
        return SealedFile(name: name, nonce: nonce, ciphertext: sealed.ciphertext, tag: sealed.tag)
    }

    /// Opens the file's content into `plaintext`, which has the ciphertext's length.
    func open(key: UnsafeRawBufferPointer, into plaintext: UnsafeMutableRawBufferPointer) throws(VaultError) {
        let header = Self.header(name: name, nonce: nonce, length: ciphertext.count)
        guard
            try OpenSSL.open(
                ciphertext, tag: tag, key: key, nonce: nonce, associated: header, into: plaintext)
        else {
            throw VaultError(
                .tampered,
                "the sealed file of \(name) was changed or was sealed with another key: its tag does not fit; set this "
                    + "secret again")
        }
    }

    /// The bytes on disk.
    var bytes: [UInt8] { Self.header(name: name, nonce: nonce, length: ciphertext.count) + ciphertext + tag }

    /// Reads the content of the file in which `name` is expected.
    init(_ bytes: [UInt8], expected name: SecretName) throws(VaultError) {
        var reader = Reader(bytes: bytes, name: name)
        guard try reader.take(Self.magic.count) == Self.magic else {
            throw VaultError(
                .format,
                "the file of \(name) is no sealed secret: it does not begin with \"PSVT\"; set this secret again")
        }
        let version = try reader.take(1)[0]
        guard version == Self.version else {
            throw VaultError(
                .format, "the sealed file of \(name) has format version \(version), this program reads \(Self.version)")
        }
        let nameText = String(decoding: try reader.take(Int(try reader.take(1)[0])), as: UTF8.self)
        guard nameText == name.description else {
            // What stands in the header is shown only when it is a name: a changed file may hold anything.
            let found = (try? SecretName(nameText)).map { "as \($0)" } ?? "under a name that cannot be read"
            throw VaultError(
                .renamed,
                "the sealed file of \(name) was sealed \(found) and moved here; move it back or set \(name) again")
        }
        let nonce = try reader.take(OpenSSL.nonceSize)
        let length = try reader.take(4).reduce(0) { $0 << 8 | Int($1) }
        let expected = reader.position + length + OpenSSL.tagSize
        guard bytes.count == expected else {
            throw VaultError(
                .truncated,
                "the sealed file of \(name) has \(bytes.count) bytes, its header says \(expected); set this secret again"
            )
        }
        self.name = name
        self.nonce = nonce
        self.ciphertext = try reader.take(length)
        self.tag = try reader.take(OpenSSL.tagSize)
    }

    private init(name: SecretName, nonce: [UInt8], ciphertext: [UInt8], tag: [UInt8]) {
        (self.name, self.nonce, self.ciphertext, self.tag) = (name, nonce, ciphertext, tag)
    }

    private static func header(name: SecretName, nonce: [UInt8], length: Int) -> [UInt8] {
        let text = Array(name.description.utf8)
        let size = (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) }
        return magic + [version, UInt8(truncatingIfNeeded: text.count)] + text + nonce + size
    }

    /// Takes bytes from the front; says "truncated" when there are too few.
    private struct Reader {
        let bytes: [UInt8]
        let name: SecretName
        private(set) var position = 0

        init(bytes: [UInt8], name: SecretName) {
            self.bytes = bytes
            self.name = name
        }

        mutating func take(_ count: Int) throws(VaultError) -> [UInt8] {
            guard bytes.count - position >= count else {
                throw VaultError(
                    .truncated,
                    "the sealed file of \(name) ends after \(bytes.count) bytes, at least \(position + count) belong "
                        + "there; set this secret again")
            }
            defer { position += count }
            return Array(bytes[position..<position + count])
        }
    }
}
