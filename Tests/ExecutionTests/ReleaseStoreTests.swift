import Foundation
import Provisioning
import Testing

@testable import Execution

@Suite("A release is what was released, or nothing is written")
struct ReleaseStoreTests {
    private let folder = FileManager.default.temporaryDirectory.path + "/releases-" + UUID().uuidString

    private func profile() throws -> BoardProfile {
        BoardProfile(
            name: "p", titleZh: "板", titleEn: "board", chip: "esp32c3",
            identity: .init(kind: .mac, source: .efuseMAC, pattern: nil, isUIDIndependent: true),
            deviceName: try DeviceNameRule("{mac}"), macBlock: 4,
            flash: .init(
                method: .espressif,
                regions: [
                    .init(name: "boot", offset: 0, size: 4096, file: "boot.bin"),
                    .init(name: "app", offset: 0x10000, size: 8192, file: "app.bin"),
                ],
                credential: .region(
                    .init(
                        name: "cred", offset: 0x20000, size: 0x3000, format: .nvs, namespace: "cred",
                        productKeyName: "product_key", productSecretName: "product_secret")),
                preserved: [.init(name: "nvs", offset: 0x9000, size: 0x6000)]),
            console: .init(baud: 115_200, ready: try ConsolePattern("ready"), version: nil, errors: []),
            budgets: .init(connect: .seconds(1), boot: .seconds(1), activate: .seconds(1)))
    }

    private func write(_ name: String, _ count: Int) throws {
        let source = folder + "/source"
        try FileManager.default.createDirectory(atPath: source, withIntermediateDirectories: true)
        try Data(repeating: 7, count: count).write(to: URL(fileURLWithPath: source + "/" + name))
    }

    @Test("images are copied, and an image changed on disk afterwards is refused with both digests")
    func changedOnDisk() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try write("boot.bin", 100)
        try write("app.bin", 8192)
        let store = ReleaseStore(dataFolder: folder + "/data")
        let release = try store.add(from: folder + "/source", profile: profile(), version: "1.0")
        #expect(try store.images(of: release)["app"]?.count == 8192)
        let copies = FileManager.default.enumerator(atPath: store.folder)?.compactMap { $0 as? String } ?? []
        let copy = try #require(copies.first { $0.hasSuffix("/app") })
        try Data(repeating: 8, count: 8192).write(to: URL(fileURLWithPath: store.folder + "/" + copy))
        #expect(throws: ReleaseStore.ReleaseError.self) { try store.images(of: release) }
    }

    @Test("every image that is missing or too large is named at once")
    func badImages() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try write("boot.bin", 4097)
        do {
            _ = try ReleaseStore(dataFolder: folder + "/data").add(
                from: folder + "/source", profile: profile(), version: "1.0")
            Issue.record("it was taken")
        } catch {
            #expect("\(error)".contains("boot.bin has 4097 bytes, region boot takes 4096"))
            #expect("\(error)".contains("app.bin is not there"))
        }
    }

    @Test(
        "a version that is no file name is refused", arguments: ["", "../x", "a b", String(repeating: "1", count: 33)])
    func badVersions(version: String) {
        #expect(throws: ReleaseStore.ReleaseError.self) {
            try ReleaseStore(dataFolder: folder).add(from: folder, profile: profile(), version: version)
        }
    }
}
