import AsyncHTTPClient
import BoardProtocols
import Crypto
import Foundation
import Journal
import NIOCore
import NIOHTTP1
import Provisioning
import Testing

@testable import Execution
@testable import Operator

@Suite("Releases over HTTP")
struct ReleaseTests {
    private static func image(_ chip: UInt16, version: String = "1.2.0") -> [UInt8] {
        ESPImage.build(
            entry: 0x4038_0000, chipID: chip,
            segments: [.init(address: 0x3C00_0020, data: ESPApplication(version: version, project: "test").bytes)],
            sha256: { Array(SHA256.hash(data: Array($0))) })
    }

    private func form(_ fields: [(String, String)], _ files: [(String, [UInt8])]) -> (type: String, body: [UInt8]) {
        var body: [UInt8] = []
        for (name, value) in fields {
            body += Array("--XyZ\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n".utf8)
        }
        for (name, bytes) in files {
            body += Array(
                "--XyZ\r\nContent-Disposition: form-data; name=\"\(name)\"; filename=\"\(name)\"\r\nContent-Type: application/octet-stream\r\n\r\n"
                    .utf8)
            body += bytes + Array("\r\n".utf8)
        }
        return ("multipart/form-data; boundary=XyZ", body + Array("--XyZ--\r\n".utf8))
    }

    private func upload(
        _ bed: OperatorBed, _ session: BedSession, _ fields: [(String, String)], _ files: [(String, [UInt8])]
    ) async throws -> BedAnswer {
        let form = form(fields, files)
        var request = HTTPClientRequest(url: bed.url + "/api/v1/releases")
        request.method = .POST
        request.headers = ["Content-Type": form.type, "Cookie": session.cookie, "X-CSRF-Token": session.csrf]
        request.body = .bytes(ByteBuffer(bytes: form.body))
        let response = try await bed.client.execute(request, timeout: .seconds(30))
        let body = try await response.body.collect(upTo: 1 << 20)
        return BedAnswer(
            status: Int(response.status.code), headers: response.headers, text: String(buffer: body))
    }

    private static let fields = [("profile", "esp32c3"), ("version", "1.2.0"), ("device_sdk", "c-4.2.0")]

    @Test("a release is imported with the digest of each image; nothing of the upload is left")
    func imported() async throws {
        try await OperatorBed.with { bed in
            let engineer = try await bed.start()
            let app = Self.image(5)
            let answer = try await upload(
                bed, engineer, Self.fields, [("bootloader.bin", Self.image(5)), ("app.bin", app)])
            #expect(answer.status == 201, "\(answer.text)")
            #expect(Schema.release.problems(answer.json) == [])
            let digest = SHA256.hash(data: app).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            #expect(answer.json["images"].array?.last?["sha256"] == .string(digest))
            #expect(answer.json["findings"] == [])
            let left = try FileManager.default.contentsOfDirectory(atPath: bed.folder + "/data")
            #expect(!left.contains { $0.hasPrefix("upload-") })
            let list = try await bed.api(.GET, "/releases", as: engineer)
            #expect(list.json["profiles"] == ["esp32c3"])
            #expect(list.json["profile_regions"]["esp32c3"] == ["bootloader.bin", "app.bin"])
            #expect(list.json["releases"].array?.count == 1)
        }
    }

    @Test("an image for another chip, damaged, too large or of another name is refused with both values")
    func refused() async throws {
        try await OperatorBed.with { bed in
            let engineer = try await bed.start()
            var damaged = Self.image(5)
            damaged[60] ^= 1
            let cases: [(files: [(String, [UInt8])], says: String)] = [
                ([("bootloader.bin", Self.image(5)), ("app.bin", Self.image(9))], "ESP32-S3"),
                ([("bootloader.bin", Self.image(5)), ("app.bin", damaged)], "check value"),
                ([("bootloader.bin", Self.image(5)), ("app.bin", [UInt8](repeating: 7, count: 99))], "e9h"),
                ([("bootloader.bin", [UInt8](repeating: 0xE9, count: 0x8001))], "larger than the region"),
                ([("other.bin", [1])], "names no such file"), ([("bootloader.bin", Self.image(5))], "is not there"),
                ([("../app.bin", Self.image(5)), ("../app.bin", Self.image(5))], "came twice"),
            ]
            for (files, says) in cases {
                let answer = try await upload(bed, engineer, Self.fields, files)
                #expect(answer.status == 422, "\(says): \(answer.text)")
                #expect(answer.json["detail"].string?.contains(says) == true, "\(answer.text)")
            }
            #expect(try await bed.journal.releases().isEmpty)
        }
    }

    @Test("a firmware that calls itself another version is taken, and said")
    func version() async throws {
        try await OperatorBed.with { bed in
            let engineer = try await bed.start()
            let answer = try await upload(
                bed, engineer, Self.fields,
                [("bootloader.bin", Self.image(5)), ("app.bin", Self.image(5, version: "1.1.9"))])
            #expect(answer.status == 201)
            let finding = try #require(answer.json["findings"].array?.first)
            #expect(finding["level"] == "warn")
            #expect(finding["en"].string?.contains("1.1.9") == true)
        }
    }

    @Test("a form comes apart the same however its bytes are cut")
    func cuts() throws {
        let (type, body) = form(
            [("profile", "p"), ("empty", "")],
            [("a.bin", Array("line\r\n--XyQ is not one\r\n--Xy".utf8)), ("b.bin", [])])
        func parts(_ sizes: Int) throws -> [String: [UInt8]] {
            var form = try #require(MultipartForm(contentType: type))
            var (found, name) = ([String: [UInt8]](), "")
            for start in stride(from: 0, to: body.count, by: sizes) {
                for piece in try form.take(body[start..<min(start + sizes, body.count)]) {
                    switch piece {
                    case .begin(let head):
                        name = head.name
                        found[name] = []
                    case .bytes(let bytes): found[name, default: []] += bytes
                    case .end: break
                    }
                }
            }
            #expect(form.isOver)
            return found
        }
        let whole = try parts(body.count)
        #expect(whole["a.bin"].map { String(decoding: $0, as: UTF8.self) } == "line\r\n--XyQ is not one\r\n--Xy")
        #expect(whole["b.bin"] == [])
        #expect(whole["empty"] == [])
        for size in [1, 2, 3, 7, 16] { #expect(try parts(size) == whole) }
    }

    @Test(
        "what is no form is refused",
        arguments: [
            "text/plain", "multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=a",
        ])
    func noForm(type: String) {
        #expect(MultipartForm(contentType: type) == nil)
    }
}
