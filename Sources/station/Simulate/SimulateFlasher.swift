import ArgumentParser
import Bench
import Foundation
import Simulation

/// `station simulate flasher`: the tool that writes simulated Cat.1 modules in their download mode, in the place of a
/// maker's own.
struct SimulateFlasher: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flasher", abstract: "Write or read a simulated Cat.1 module in its download mode.",
        version: "1.0.0", subcommands: [Write.self, Read.self])

    struct Place: ParsableArguments {
        @Option(help: "The module's port.") var port: String
        @Option(help: "Where to start, decimal or 0x….") var offset: String

        func number() throws -> Int {
            let text = offset.lowercased()
            guard let number = text.hasPrefix("0x") ? Int(text.dropFirst(2), radix: 16) : Int(text) else {
                throw ValidationError("--offset \(offset): expected a number")
            }
            return number
        }
    }

    struct Write: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Writes a file.")
        @OptionGroup var place: Place
        @Option(help: "The image.") var file: String

        func run() async throws {
            let image = try [UInt8](Data(contentsOf: URL(fileURLWithPath: file)))
            let port = try DownloadPort(place.port)
            try await port.write(image, at: try place.number()) { print("\($0) %") }
        }
    }

    struct Read: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Reads into a file.")
        @OptionGroup var place: Place
        @Option(help: "How many bytes.") var size: Int
        @Option(help: "Where they go.") var file: String

        func run() async throws {
            let bytes = try await DownloadPort(place.port).read(size, at: try place.number())
            try Data(bytes).write(to: URL(fileURLWithPath: file))
        }
    }
}
