import Foundation
import Journal
import Logging
import NIOHTTP1
import Provisioning
import Testing
import Vault

@testable import Execution
@testable import Operator

@Suite("The page over TLS")
struct TLSTests {
    @Test("the station's own certificate is made once, its key for its owner alone, and the cookie is Secure")
    func own() async throws {
        try await OperatorBed.with(configuration: OperatorConfiguration(port: 0, tls: .own)) { bed in
            #expect(bed.url.hasPrefix("https://"))
            let answer = try await bed.api(.GET, "/state")
            #expect(answer.status == 200)
            let key = bed.folder + "/data/tls/station.key"
            let mode = try FileManager.default.attributesOfItem(atPath: key)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            let certificate = try String(contentsOfFile: bed.folder + "/data/tls/station.pem", encoding: .utf8)
            _ = try ServerCertificate.configuration(.own, host: "127.0.0.1", folder: bed.folder + "/data")
            #expect(
                try String(contentsOfFile: bed.folder + "/data/tls/station.pem", encoding: .utf8) == certificate)
            _ = try ServerCertificate.configuration(.own, host: "192.0.2.7", folder: bed.folder + "/data")
            #expect(
                try String(contentsOfFile: bed.folder + "/data/tls/station.pem", encoding: .utf8) != certificate)
            let session = try await bed.start()
            #expect(session.cookie.hasPrefix("__Host-station="))
            let again = try await bed.api(
                .POST, "/session",
                ["badge": .string(OperatorBed.engineerBadge), "pin": .string(OperatorBed.engineerPIN)])
            #expect(again.headers["set-cookie"].first?.contains("Secure") == true)
        }
    }

    @Test(
        "opened to the network without TLS it is not served",
        arguments: ["0.0.0.0", "192.0.2.7", "::", "station.plant"])
    func plain(host: String) async throws {
        await #expect(throws: OperatorError.self) {
            try await OperatorBed.with(configuration: OperatorConfiguration(host: host, port: 0)) { _ in }
        }
    }

    @Test("files that are no certificate are named")
    func badFiles() async throws {
        await #expect(throws: OperatorError.self) {
            try await OperatorBed.with(
                configuration: OperatorConfiguration(
                    port: 0, tls: .files(certificate: "/nowhere/page.pem", key: "/nowhere/page.key"))
            ) { _ in }
        }
    }
}
