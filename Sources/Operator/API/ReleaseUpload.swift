import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import NIOPosix
import Provisioning

/// A release as it is uploaded: its fields, and its files in a folder of their own under `DATA`, which is removed
/// afterwards.
///
/// Only files that the profile's regions name are kept, each no larger than its region; the profile is told before them.
struct ReleaseUpload: Sendable {
    /// Bytes of all files together, and of one field.
    static let largest = 512 << 20
    static let longestField = 4096

    private(set) var fields: [String: String] = [:]
    private(set) var files: [String] = []
    let folder: String

    /// Reads the form of a call into a new folder under `dataFolder`, and hands both to `body`.
    /// - Throws: ``Problem``: 413 for too much, 415 for no form, 422 for what no region names.
    static func with<R: Sendable>(
        _ call: Call, profiles: [String: BoardProfile], dataFolder: String,
        _ body: (ReleaseUpload) async throws -> R
    ) async throws -> R {
        let folder = "\(dataFolder)/upload-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var upload = ReleaseUpload(folder: folder)
        try await upload.read(call, profiles)
        return try await body(upload)
    }

    /// Removes what uploads that a crash cut off have left.
    static func removeLeftovers(dataFolder: String) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: dataFolder)) ?? []
        where name.hasPrefix("upload-") {
            try? FileManager.default.removeItem(atPath: "\(dataFolder)/\(name)")
        }
    }

    private init(folder: String) { self.folder = folder }

    private mutating func read(_ call: Call, _ profiles: [String: BoardProfile]) async throws {
        guard var form = MultipartForm(contentType: call.request.headers[.contentType] ?? "") else {
            throw Problem(
                .unsupportedMediaType,
                Bilingual(
                    zh: "请求应为 multipart/form-data", en: "Content-Type: expected multipart/form-data with a boundary"))
        }
        var (sink, total) = (Sink.none, 0)
        for try await piece in call.request.body {
            total += piece.readableBytes
            guard total <= Self.largest else { throw Self.tooLarge(Self.largest) }
            let found: [MultipartForm.Piece]
            do { found = try form.take(piece.readableBytesView) } catch {
                throw Problem(.badRequest, Bilingual(zh: "表单不完整", en: "the form cannot be read: \(error.sentence)"))
            }
            for part in found { try await take(part, &sink, profiles) }
        }
        guard form.isOver else {
            throw Problem(.badRequest, Bilingual(zh: "上传中断", en: "the form ends before its last boundary"))
        }
    }

    /// Where the part under way goes.
    private enum Sink {
        case none
        case field(String, [UInt8])
        case file(String, FileHandle, left: Int)
    }

    private mutating func take(
        _ piece: MultipartForm.Piece, _ sink: inout Sink, _ profiles: [String: BoardProfile]
    ) async throws {
        switch (piece, sink) {
        case (.begin(let head), _):
            sink = head.fileName == nil ? .field(head.name, []) : try begin(file: head.fileName ?? "", profiles)
        case (.bytes(let bytes), .field(let name, let text)):
            guard text.count + bytes.count <= Self.longestField else { throw Self.tooLarge(Self.longestField) }
            sink = .field(name, text + bytes)
        case (.bytes(let bytes), .file(let name, let handle, let left)):
            guard bytes.count <= left else {
                throw Problem.body("\(name) 比分区大", "\(name) is larger than the region that takes it")
            }
            try await NIOThreadPool.singleton.runIfActive { try handle.write(contentsOf: bytes) }
            sink = .file(name, handle, left: left - bytes.count)
        case (.end, .field(let name, let text)):
            guard fields.count < 64 else { throw Problem.body("字段太多", "a release has at most 64 fields") }
            fields[name] = String(decoding: text, as: UTF8.self)
            sink = .none
        case (.end, .file(let name, let handle, _)):
            try handle.close()
            files.append(name)
            sink = .none
        case (.bytes, .none), (.end, .none): break
        }
    }

    private func begin(file path: String, _ profiles: [String: BoardProfile]) throws -> Sink {
        guard let name = fields["profile"], let profile = profiles[name] else {
            throw Problem.body(
                "先选板型（profile 字段在文件之前）",
                "the field profile must stand before the files, and name one of "
                    + profiles.keys.sorted().joined(separator: ", "))
        }
        // A browser that sends a folder may put the folder's name before the file's.
        let base = path.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init) ?? ""
        guard let region = profile.flash.regions.first(where: { $0.file == base }) else {
            let wanted = profile.flash.regions.map(\.file).joined(separator: ", ")
            throw Problem.body("\(name) 不需要这个文件；需要：\(wanted)", "profile \(name) names no such file; it takes \(wanted)")
        }
        guard !files.contains(base) else { throw Problem.body("\(base) 重复", "\(base) came twice") }
        let target = "\(folder)/\(base)"
        guard FileManager.default.createFile(atPath: target, contents: nil, attributes: [.posixPermissions: 0o600]),
            let handle = FileHandle(forWritingAtPath: target)
        else { throw OperatorError("cannot write \(target)") }
        return .file(base, handle, left: region.size)
    }

    private static func tooLarge(_ bytes: Int) -> Problem {
        Problem(
            .contentTooLarge,
            Bilingual(zh: "内容太大：最多 \(bytes) 字节", en: "too large: at most \(bytes) bytes are taken"))
    }
}
