import COpenSSL

/// MD5 and SHA-256 by libcrypto: MD5 because the loaders verify flash with it, SHA-256 for images and the stub.
public enum Digest {
    public static func md5(_ bytes: some ContiguousBytesSource) -> [UInt8] { digest(bytes, EVP_md5()) }
    public static func sha256(_ bytes: some ContiguousBytesSource) -> [UInt8] { digest(bytes, EVP_sha256()) }

    /// Lower-case hexadecimal.
    public static func hex(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef")
        return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }

    private static func digest(_ bytes: some ContiguousBytesSource, _ method: OpaquePointer?) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        let done = bytes.withUnsafeBytes { EVP_Digest($0.baseAddress, $0.count, &result, &length, method, nil) }
        precondition(done == 1, "libcrypto refuses a digest it must have")
        return Array(result[..<Int(length)])
    }
}

/// Bytes that lie in one piece.
public protocol ContiguousBytesSource {
    func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R
}

extension [UInt8]: ContiguousBytesSource {}
extension ArraySlice<UInt8>: ContiguousBytesSource {}
