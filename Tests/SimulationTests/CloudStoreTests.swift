import Foundation
import Testing

@testable import Simulation

@Suite("Cloud stand-in: files")
struct CloudStoreTests {
    private static func device(_ number: Int, secret: String = "s") -> CloudDevice {
        CloudDevice(
            key: DeviceKey(product: "pk", name: "unit-\(number)"), iotID: "id\(number)", number: number, secret: secret,
            created: 1, modified: 1, changed: 1)
    }

    private static let empty = CloudSnapshot(
        generation: 0, nextNumber: 1, nextBatch: 1, switches: [:], products: [], devices: [], batches: [])

    /// A store that has written an empty snapshot and then `changes`.
    private func written(_ folder: String, _ changes: [CloudChange]) throws -> String {
        let path = folder + "/state.json"
        let store = try CloudStore(stateFile: path, secretsFile: nil)
        _ = try store.read()
        try store.writeBlocking(.init(), snapshot: Self.empty)
        for change in changes { try store.writeBlocking(.init(changes: [change]), snapshot: nil) }
        return path
    }

    private func read(_ path: String) throws -> CloudRecord {
        try CloudStore(stateFile: path, secretsFile: nil).read()
    }

    @Test("changes are read back in their order: created, changed, deleted, created again")
    func order() async throws {
        try await withTemporaryFolder { folder in
            let path = try written(
                folder,
                [
                    .device(Self.device(1)), .device(Self.device(2)), .device(Self.device(1, secret: "t")),
                    .deleted(DeviceKey(product: "pk", name: "unit-2")), .turned(product: "pk", on: false),
                ])
            let record = try read(path)
            #expect(record.devices.count == 1 && record.nextNumber == 3)
            #expect(record.devices[DeviceKey(product: "pk", name: "unit-1")]?.secret == "t")
            #expect(record.switches == ["pk": false])
        }
    }

    @Test("a log that was cut off anywhere gives back every whole line before the cut")
    func cut() async throws {
        try await withTemporaryFolder { folder in
            let path = try written(folder, (1...5).map { .device(Self.device($0)) })
            let log = try Data(contentsOf: URL(fileURLWithPath: path + ".log"))
            for length in stride(from: 0, through: log.count, by: 7) {
                try log.prefix(length).write(to: URL(fileURLWithPath: path + ".log"))
                let lines = log.prefix(length).count { $0 == UInt8(ascii: "\n") }
                #expect(try read(path).devices.count == max(0, lines - 1), "cut at \(length)")
            }
        }
    }

    @Test("a log of another snapshot is not taken")
    func otherGeneration() async throws {
        try await withTemporaryFolder { folder in
            let path = try written(folder, [.device(Self.device(1))])
            let log = try Data(contentsOf: URL(fileURLWithPath: path + ".log"))
            let store = try CloudStore(stateFile: path, secretsFile: nil)
            _ = try store.read()
            var snapshot = Self.empty
            snapshot.devices = [Self.device(2)]
            try store.writeBlocking(.init(), snapshot: snapshot)
            // A kill between the new snapshot and its log leaves the old log.
            try log.write(to: URL(fileURLWithPath: path + ".log"))
            #expect(try read(path).devices.keys.map(\.name) == ["unit-2"])
        }
    }

    @Test("a log that has outgrown its snapshot asks for a new one")
    func growth() async throws {
        try await withTemporaryFolder { folder in
            let store = try CloudStore(stateFile: folder + "/state.json", secretsFile: nil)
            #expect(store.wantsSnapshot)
            try store.writeBlocking(.init(), snapshot: Self.empty)
            #expect(!store.wantsSnapshot)
            let changes = (1...2000).map { CloudChange.device(Self.device($0)) }
            try store.writeBlocking(.init(changes: changes), snapshot: nil)
            #expect(store.wantsSnapshot)
            try store.writeBlocking(.init(), snapshot: Self.empty)
            #expect(!store.wantsSnapshot)
        }
    }

    @Test("the list of secrets grows in place, is JSON after each write, and a torn end costs the torn secret alone")
    func secrets() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/secrets.json"
            var list = try SecretList(path: path, secrets: [])
            #expect(try SecretList.read(path: path) == [])
            try list.append(["a\"b"])
            try list.append(["c", "d\\e"])
            let file = URL(fileURLWithPath: path)
            #expect(try JSONDecoder().decode([String].self, from: Data(contentsOf: file)) == ["a\"b", "c", "d\\e"])
            let whole = try Data(contentsOf: file)
            try whole.dropLast(5).write(to: file)
            #expect(try SecretList.read(path: path) == ["a\"b", "c"])
            try Data("no list".utf8).write(to: file)
            #expect(throws: CloudStandInError.self) { try SecretList.read(path: path) }
        }
    }

    @Test("a file that is no state file is refused and left alone")
    func foreign() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/state.json"
            try Data(#"{"form":1}"#.utf8).write(to: URL(fileURLWithPath: path))
            #expect(throws: CloudStandInError.self) { try read(path) }
            #expect(try String(contentsOfFile: path, encoding: .utf8) == #"{"form":1}"#)
        }
    }
}
