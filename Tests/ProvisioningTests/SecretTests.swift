import Foundation
import Provisioning
import Testing

@Suite("A secret")
struct SecretTests {
    struct Holder {
        let name = "name"
        let secret = Secret("hunt-me-0123456789")
    }

    @Test("no textual form, dump or mirror of it shows a byte")
    func forms() {
        let secret = Secret("hunt-me-0123456789")
        var dumped = ""
        dump(Holder(), to: &dumped)
        dump(secret, to: &dumped)
        let all = [
            "\(secret)", String(describing: secret), String(reflecting: secret), secret.debugDescription, dumped,
            "\(Holder())", String(reflecting: [secret]), "\(Optional(secret) as Any)",
            "\(Mirror(reflecting: secret).children.map { "\($0)" })",
        ]
        for text in all { #expect(!text.contains("hunt"), "\(text)") }
        #expect(!((secret as Any) is any Encodable))
        #expect(secret == Secret("hunt-me-0123456789") && secret != Secret("hunt-me-0123456788"))
    }

    @Test(
        "it is filled into a text wherever its mark stands, and its own text is not searched",
        arguments: [
            ("join {p}", "join a{p}b"), ("{p}", "a{p}b"), ("{p}{p} {q}", "a{p}ba{p}b {q}"), ("none", "none"), ("", ""),
        ])
    func filling(template: String, expected: String) {
        #expect(Secret.filling(template, "{p}", with: Secret("a{p}b")) == Secret(expected))
    }

    @Test("its memory is overwritten when its last copy is let go, and so is a copy that was lent")
    func wiped() throws {
        let memory = try FileHandle(forReadingFrom: URL(fileURLWithPath: "/proc/self/mem"))
        defer { try? memory.close() }
        let content = (0..<64).map { _ in UInt8.random(in: 1...255) }
        /// How many of the content's bytes stand at an address; what is gone from the process counts as overwritten.
        func left(at address: UInt) throws -> Int {
            try memory.seek(toOffset: UInt64(address))
            guard let found = try? memory.read(upToCount: content.count) else { return 0 }
            return zip(found, content).count { $0 == $1 }
        }
        var secret: Secret? = Secret(bytes: content)
        let copy = secret
        let own = try #require(secret?.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) })
        let lent = try #require(
            secret?.withBytes { bytes in bytes.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) } })
        #expect(try left(at: lent) < 8)
        secret = nil
        #expect(try left(at: own) == content.count)
        #expect(copy?.count == content.count)
        let other = Self.address(ofReleased: content)
        #expect(try left(at: other) < 8)
    }

    /// Where the memory of a secret was that is gone when this returns.
    private static func address(ofReleased content: [UInt8]) -> UInt {
        let secret = Secret(bytes: content)
        return secret.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
    }
}
