public import ArgumentParser
import Foundation
public import Provisioning
import Simulation
import UnixSignals

/// `station demo`: the main job from end to end, on the embedded stand-in cloud and simulated boards.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Runs boards through the whole way on simulated boards and the embedded cloud stand-in.",
        discussion: """
            Real parts: serial ports (ptys), the loader protocol, flash files, TLS, MQTT, the signed OpenAPI, the journal. \
            The stand-in cloud and the boards are child processes. Exit status 0 when every board ended as it should, \
            given the faults.

            Faults (comma-separated; a board fault hits one board, the same one for the same seed):
              \(DemoFault.usage)
            """)

    @Option(help: "How many boards, 1 to 500.") var boards = 12
    @Option(help: "How many slots, 1 to 32.") var slots = 4
    @Option(
        help: ArgumentHelp(
            "Board profiles to simulate, comma-separated; several make a mixed fixture.", valueName: "profiles"))
    var board: String?
    @Option(help: "What tells ESP32-C3 boards apart, where --board is not given: mac, imei or sn.") var identity:
        Identity.Kind = .mac
    @Option(help: "How boards register: mqtt or https.") var channel: Channel = .mqtt
    @Option(help: "How devices register: pre-registered or no-preregistration.") var mode: RegistrationMode =
        .preRegistered
    @Option(help: "How boards are activated: board, relay (boards without a network) or sample=N.") var activation:
        ActivationMode = .board
    @Option(help: "The kind of cloud instance: public or enterprise.") var instance: DemoInstance = .public
    @Flag(help: "One board runs alone and is confirmed before the other slots work.") var firstArticle = false
    @Option(help: ArgumentHelp("Faults to inject.", valueName: "list")) var faults = ""
    @Option(help: "Makes identities and victims of faults; the same seed repeats them.") var seed: UInt64 = 1
    @Option(help: ArgumentHelp("Let the simulated wires take the time of this rate.", valueName: "baud")) var paced:
        Int?
    @Option(help: ArgumentHelp("Folder to make and keep; a used one is refused.", valueName: "dir")) var data: String?
    @Option(help: ArgumentHelp("Folder with board profiles.", valueName: "dir")) var home: String?
    @Flag(help: "Print one JSON object on standard output and nothing else there.") var json = false

    /// How simulated firmware registers.
    enum Channel: String, CaseIterable, ExpressibleByArgument { case mqtt, https }

    func validate() throws {
        guard (1...500).contains(boards) else { throw ValidationError("--boards \(boards): expected 1 to 500") }
        guard (1...32).contains(slots) else { throw ValidationError("--slots \(slots): expected 1 to 32") }
        if let paced, !(9600...4_000_000).contains(paced) {
            throw ValidationError("--paced \(paced): expected 9600 to 4000000")
        }
        let faults: [DemoFault]
        do { faults = try parsedFaults() } catch { throw ValidationError("\(error)") }
        guard identity != .iccid else {
            throw ValidationError("--identity iccid: the simulated boards have no SIM; expected mac, imei or sn")
        }
        guard mode == .preRegistered || channel == .mqtt else {
            throw ValidationError("--mode no-preregistration: boards register over mqtt alone")
        }
        if activation != .relay, faults.contains(where: { [.forgetsCredential, .wrongProof].contains($0) }) {
            throw ValidationError("forgets-credential and wrong-proof are faults of --activation relay")
        }
        let hits = faults.reduce(0) { $0 + ($1 == .duplicateMAC ? 2 : $1.hitsOneBoard ? 1 : 0) }
        guard hits <= boards else {
            throw ValidationError("these faults hit \(hits) boards, there are \(boards); raise --boards")
        }
    }

    func parsedFaults() throws -> [DemoFault] {
        try faults.split(separator: ",").map { try DemoFault($0.trimmingCharacters(in: .whitespaces)) }
    }

    func run() async throws {
        let home = try StationHome.locate(explicit: home)
        let names =
            board.map { $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } }
            ?? [identity == .mac ? "esp32c3" : "esp32c3-\(identity.rawValue)"]
        guard Set(names).count == names.count, names.count <= min(slots, boards), !names.isEmpty else {
            throw ValidationError(
                "--board \(names.joined(separator: ",")): expected each profile once, and a slot and a board for each")
        }
        let profiles = try names.map { try home.profile(named: $0) }
        if try parsedFaults().contains(where: { [.noJoin, .keepsNetwork].contains($0) }) {
            for profile in profiles where profile.network == nil || profile.identity.source.isApplication {
                throw ValidationError(
                    "no-join and keeps-network are faults of boards that are given the line's network by their console, such "
                        + "as --board esp32; \(profile.name) is none")
            }
        }
        if activation == .relay, let profile = profiles.first(where: { $0.relay == nil }) {
            throw ValidationError("--activation relay: boards of profile \(profile.name) cannot be handed a credential")
        }
        if try profiles.contains(where: { try SimulatedFamily(of: $0).isOnUSB }), !DemoUSB.isThere {
            try DemoUSB.startAgain()
        }
        let demo = try Demo(
            boards: DemoBoard.make(count: boards, profiles: profiles, faults: parsedFaults(), seed: seed),
            slots: min(slots, boards), profiles: profiles, channel: channel.rawValue,
            mode: mode, activation: activation, instance: instance, faults: parsedFaults(), firstArticle: firstArticle,
            seed: seed, paced: paced,
            folder: DemoFolder(path: data), home: home, output: json ? .standardError : .standardOutput)
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let report = try await withThrowingTaskGroup(of: DemoReport?.self) { group in
            group.addTask { try await demo.run() }
            group.addTask {
                for await _ in signals { break }
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        guard let report else { throw ExitCode(130) }
        if json { print(report.json.text) } else { print(report.table) }
        note(DemoUsage().text)
        note("kept in \(demo.folder.root)")
        guard report.isAsExpected else { throw ExitCode.failure }
    }
}

extension Identity.Kind: ExpressibleByArgument {}
extension RegistrationMode: ExpressibleByArgument {}
extension ActivationMode: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
