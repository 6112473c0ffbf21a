import ArgumentParser
import Foundation
import Simulation

/// `station simulate devices`: what a running stand-in holds, never with a secret.
struct SimulateDevices: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "devices", abstract: "List the devices the cloud stand-in holds, oldest first.")

    @Option(help: "Ready file of the running stand-in.")
    var readyFile: String

    @Flag(help: "Print one JSON array instead of a table.")
    var json = false

    func run() async throws {
        let devices = try await CloudAdmin(ReadyFile.read(from: readyFile)).devices()
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
            print(String(decoding: try encoder.encode(devices), as: UTF8.self))
            return
        }
        for device in devices {
            let times = "active \(device.activated ?? "never")  online \(device.lastOnline ?? "never")"
            let clients = device.clientIDs.isEmpty ? "" : "  \(device.clientIDs.count) ClientIDs"
            print("\(device.productKey)/\(device.deviceName)  \(device.status)  \(times)  \(device.iotID)\(clients)")
        }
        print("\(devices.count) devices")
    }
}
