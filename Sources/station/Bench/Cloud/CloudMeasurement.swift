import AliyunIoT
import Foundation

/// The whole measurement of the cloud stand-in: names and credentials first, then rates by turns, then memory.
struct CloudMeasurement: Sendable {
    let folder: String
    let workers: Int
    let connections: Int
    /// For each case.
    let time: Duration
    let progress: @Sendable (String) -> Void

    /// Why there is no figure.
    struct MeasurementError: Error, CustomStringConvertible {
        let description: String
    }

    /// Each case's time is taken in so many parts.
    static let slices = 3

    /// Files a process may need beside those of its open connections.
    static let files = 512

    private let client = CloudDevices(credentials: DemoCredentials())

    init(
        folder: String, workers: Int, connections: Int, time: Duration, progress: @escaping @Sendable (String) -> Void
    ) {
        (self.folder, self.workers, self.connections) = (folder, workers, connections)
        (self.time, self.progress) = (time, progress)
    }

    /// What the rates leave for the memory.
    private struct Speed: Sendable {
        let rates: CloudFound.Rates
        let devices: [CloudDevices.Device]
        let version: String?
    }

    func run() async throws -> CloudFound {
        let standIn = BenchStandIn(
            folder: try subfolder("stand-in"), credentials: client.credentials,
            // Beside the open ones, those that are still being closed.
            connections: connections + Self.files)
        let broker = try BenchBroker.find().map {
            BenchBroker(program: $0, folder: try subfolder("mosquitto"))
        }
        let speed = try await standIn.run("rates") { server in
            let (names, devices) = try await prepare(server)
            guard let broker else {
                let rates = try await rates(names, devices, standIn: server, mosquitto: nil)
                return Speed(rates: rates, devices: devices, version: nil)
            }
            return try await broker.run("rates") { mosquitto, version in
                let rates = try await rates(names, devices, standIn: server, mosquitto: mosquitto)
                return Speed(rates: rates, devices: devices, version: version)
            }
        }
        // Processes of their own, so that what the rates left in a heap does not hide what connections need.
        let held = Array(speed.devices.prefix(connections))
        progress("memory of the stand-in with \(connections) open connections ...")
        let standInMemory = try await standIn.run("memory") { try await hold(held, at: $0) }
        if broker != nil { progress("memory of mosquitto with \(connections) open connections ...") }
        let mosquittoMemory = try await broker?.run("memory") { server, _ in try await hold(held, at: server) }
        return CloudFound(
            rates: speed.rates, standInMemory: standInMemory, mosquittoMemory: mosquittoMemory,
            mosquittoVersion: speed.version, skipped: broker == nil ? BenchBroker.advice : nil)
    }

    private func subfolder(_ name: String) throws -> String {
        let made = folder + "/" + name
        try FileManager.default.createDirectory(
            atPath: made, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        return made
    }

    private func prepare(_ server: CloudServer) async throws -> (names: [String], devices: [CloudDevices.Device]) {
        let names = CloudDevices.names("register", CloudDevices.registrationNames)
        let deviceNames = CloudDevices.names("connect", max(connections, workers))
        progress("\(names.count + deviceNames.count) names and \(deviceNames.count) credentials ...")
        try await client.makeNames(names + deviceNames, in: server.cloud)
        return (names, try await client.makeDevices(deviceNames, in: server.cloud, workers: workers))
    }

    private func rates(
        _ names: [String], _ devices: [CloudDevices.Device], standIn: CloudServer, mosquitto: CloudServer?
    ) async throws -> CloudFound.Rates {
        let client = client
        let (names, devices) = (Turns(names), Turns(devices))
        let overMQTT: @Sendable () async throws -> Void = {
            try await names.lend { _ = try await client.registerOverMQTT($0, in: standIn.cloud) }
        }
        let overHTTPS: @Sendable () async throws -> Void = {
            try await names.lend { _ = try await client.registerOverHTTPS($0, in: standIn.cloud) }
        }
        @Sendable func connecting(to server: CloudServer) -> @Sendable () async throws -> Void {
            { try await devices.lend { try await client.connect($0, to: server.cloud) { _ in } } }
        }
        // Uncounted: what is made once, on both sides, is made.
        for operation in [overMQTT, overHTTPS, connecting(to: standIn)] + (mosquitto.map { [connecting(to: $0)] } ?? [])
        {
            var warmUp = RateMeter()
            try await warmUp.measure(workers: workers, for: .milliseconds(200), operation)
        }
        var found = CloudFound.Rates()
        let slice = time / Self.slices
        for number in 1...Self.slices {
            progress("slice \(number) of \(Self.slices) ...")
            try await found.registrationMQTT.measure(
                workers: workers, for: slice, against: standIn.process, overMQTT)
            try await found.registrationHTTPS.measure(
                workers: workers, for: slice, against: standIn.process, overHTTPS)
            try await found.standIn.measure(
                workers: workers, for: slice, against: standIn.process, connecting(to: standIn))
            guard let mosquitto else { continue }
            var beside = found.mosquitto ?? CloudCase()
            try await beside.measure(
                workers: workers, for: slice, against: mosquitto.process, connecting(to: mosquitto))
            found.mosquitto = beside
        }
        return found
    }

    private func hold(_ devices: [CloudDevices.Device], at server: CloudServer) async throws -> HeldMemory {
        try await HeldConnections(devices: devices, server: server, client: client, workers: workers).measure()
    }
}
