import ArgumentParser
import Bench
import Foundation

/// The slots' places: found by plugging in, listed, shown by a board that goes off and on.
struct SlotCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "slot", abstract: "Slots and their USB ports: map, list, blink.",
        subcommands: [Map.self, List.self, Blink.self])

    /// `station slot map`.
    struct Map: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Finds each slot's USB port by plugging a board into it, and writes it into station.toml.",
            discussion: """
                For each slot: plug a board in, take it out, plug it in again, as the lines on the screen say. Then the \
                line port = "usb:…" of that slot is written; everything else in the file stays. No port is opened. A \
                running daemon takes the new places when it is started again.

                Examples:
                  station slot map --config station.toml
                  station slot map 3 4 --config station.toml
                """)

        @Argument(help: "Names of the slots; default: all of the file.") var slots: [String] = []
        @Option(help: ArgumentHelp("USB interface, for boards with several serial ports.", valueName: "n"))
        var interface: Int?
        @Option(help: ArgumentHelp("Seconds that each step may take, 5 to 3600.", valueName: "s")) var patience = 60
        @OptionGroup var station: StationOptions

        func validate() throws {
            guard (5...3600).contains(patience) else { throw ValidationError("--patience: expected 5 to 3600") }
            guard interface.map((0...255).contains) ?? true else {
                throw ValidationError("--interface: expected 0 to 255")
            }
        }

        func run() async throws {
            let file = try SlotFile(station.config)
            let known = file.configuration.slots.map(\.name)
            let names = slots.isEmpty ? known : slots
            for name in names where !known.contains(name) { throw SlotFile.unknown(name, known) }
            // The old places of slots that are yet to be mapped belong to nobody: the boards may change places.
            var addresses = Dictionary(
                file.configuration.slots.map { ($0.name, $0.port) }.filter { !names.contains($0.0) }
            ) { first, _ in first }
            var found: [String: String] = [:]
            do {
                for name in names {
                    found[name] = try await map(name, others: addresses)
                    addresses[name] = found[name]
                }
            } catch {
                // What was found before a later slot was given up is kept, if the file stays right with it.
                try write(found, to: file)
                throw error
            }
            try write(found, to: file)
            if ControlSocket.isServed(ControlSocket.path(dataFolder: file.configuration.dataFolder)) {
                note("the running daemon still has the old places: start it again")
            }
        }

        private func write(_ ports: [String: String], to file: SlotFile) throws {
            for change in try file.write(ports) {
                print("slot \(change.slot): port = \(change.after), before: \(change.before ?? "none")")
            }
        }

        private func map(_ name: String, others: [String: String]) async throws -> String {
            var mapping = SlotMapping(
                slot: name, mapped: others, interface: interface, patience: .seconds(patience))
            let began = ContinuousClock.now
            while true {
                for event in mapping.look(.read(), at: ContinuousClock.now - began) {
                    switch event {
                    case .instruct(let sentence): print(sentence)
                    case .refuse(_, let sentence): note(sentence.description)
                    case .mapped(let address): return address
                    case .timedOut(let sentence): throw SlotFile.Failure(description: sentence.description)
                    }
                }
                try await Task.sleep(for: .milliseconds(500))
            }
        }
    }

    /// `station slot list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the slots with what is plugged in there now, and boards that are on no slot.",
            discussion: "No port is opened.")

        @OptionGroup var station: StationOptions

        func run() async throws {
            let configuration = try station.configuration()
            let tree = USBTopology.read()
            for slot in configuration.slots { print("\(slot.name)  \(slot.port)  \(Self.content(slot.port, tree))") }
            let addresses = Dictionary(uniqueKeysWithValues: configuration.slots.map { ($0.name, $0.port) })
            // A by-path slot has a place on the tree, too, as long as its board is there.
            let places = addresses.mapValues { Self.place($0, tree) ?? $0 }
            for finding in SlotOccupancy(slots: places).findings(in: tree) { print("! \(finding.sentence)") }
        }

        private static func content(_ port: String, _ tree: USBTopology) -> String {
            guard let address = try? PortAddress(port) else { return "cannot be read" }
            if case .tcp = address.kind { return "TCP" }
            do throws(LinkError) {
                guard let device = try address.devicePath(), access(device, F_OK) == 0 else { return "empty" }
                let tty = URL(fileURLWithPath: device).resolvingSymlinksInPath().lastPathComponent
                guard let found = tree.port(named: tty) else { return device }
                let words = [found.driver, found.device.model, found.device.serial, found.byPathName]
                return ([tty] + words.compactMap { $0 }).joined(separator: "  ")
            } catch {
                return error.sentence
            }
        }

        private static func place(_ port: String, _ tree: USBTopology) -> String? {
            guard port.hasPrefix("/"), let device = try? PortAddress(port).devicePath() else { return nil }
            let tty = URL(fileURLWithPath: device).resolvingSymlinksInPath().lastPathComponent
            return tree.port(named: tty)?.address(naming: false)
        }
    }

    /// `station slot blink`.
    struct Blink: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Switches a slot's board off and on a few times, so that its lamp shows which slot it is.",
            discussion: """
                By the slot's control: DTR and RTS of its port hold the board in reset, a command or fixture takes its \
                power. Refused while the daemon runs, since a board may be in work.
                """)

        @Argument(help: "Name of the slot.") var slot: String
        @Option(help: ArgumentHelp("How many times, 1 to 20.", valueName: "n")) var times = 5
        @OptionGroup var station: StationOptions

        func validate() throws {
            guard (1...20).contains(times) else { throw ValidationError("--times: expected 1 to 20") }
        }

        func run() async throws {
            let configuration = try station.configuration()
            guard let found = configuration.slots.first(where: { $0.name == slot }) else {
                throw SlotFile.unknown(slot, configuration.slots.map(\.name))
            }
            guard !ControlSocket.isServed(ControlSocket.path(dataFolder: configuration.dataFolder)) else {
                throw SlotFile.Failure(
                    description: "the daemon is running, and a board may be in work: stop it before a slot blinks")
            }
            let connection = BoardConnection(
                slot: found.name, port: try PortAddress(found.port), control: try found.control.powerControl)
            for _ in 1...times {
                try await connection.perform(.off)
                try await Task.sleep(for: .milliseconds(500))
                try await connection.perform(.on)
                try await Task.sleep(for: .milliseconds(500))
            }
            await connection.close()
            print("slot \(found.name) was switched off and on \(times) times")
        }
    }
}
