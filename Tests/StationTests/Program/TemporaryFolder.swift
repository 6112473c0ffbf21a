import Foundation

/// Runs `body` with a folder of its own, which is removed afterwards.
func withTemporaryFolder<Value>(
    isolation: isolated (any Actor)? = #isolation, _ body: (String) async throws -> Value
) async throws -> Value {
    // A Unix socket's path inside must stay under 108 bytes.
    let folder = FileManager.default.temporaryDirectory.path + "/st-" + UUID().uuidString.prefix(13)
    try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try await body(folder)
}

/// The bytes of a file from `offset` on; all of it without a count.
func bytes(of file: String, from offset: Int = 0, count: Int? = nil) throws -> Data {
    let whole = try Data(contentsOf: URL(fileURLWithPath: file))
    return Data(whole.dropFirst(offset).prefix(count ?? whole.count))
}
