public import BoardProtocols
import Foundation

/// The small program that replaces the ROM's loader in RAM: faster writes, region erase, fast reads.
///
/// Read from Espressif's own file (`text`, `text_start`, `data`, `data_start`, `entry`; base64), which the station does
/// not ship. Source: esp-flasher-stub, "stub JSON".
public struct EspressifStub: Sendable, Equatable {
    /// File name without extension: `esp32c3`.
    public let name: String
    /// Pieces and their RAM addresses, in the order in which they are loaded.
    public let pieces: [ESPImage.Segment]
    public let entry: UInt32
    /// SHA-256 of the file, hex: it goes into the run's record.
    public let sha256: String

    private struct File: Decodable {
        var text: Data
        var textStart: UInt32
        var data: Data?
        var dataStart: UInt32?
        var entry: UInt32

        enum CodingKeys: String, CodingKey {
            case text, data, entry
            case textStart = "text_start"
            case dataStart = "data_start"
        }
    }

    /// Reads the stub of `chip` from `directory`; nil where the directory has none for it.
    /// - Throws: ``LoaderError`` `stub` for a file that cannot be read or decoded.
    public init?(directory: String, chip: EspressifChip) throws(LoaderError) {
        let path = "\(directory)/\(chip.stubName).json"
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        do {
            let contents = try Data(contentsOf: URL(fileURLWithPath: path))
            try self.init(name: chip.stubName, json: Array(contents))
        } catch {
            throw LoaderError(.stub, "\(path) is no stub file: install esptool's stub_flasher files again (\(error))")
        }
    }

    /// Decodes a stub file.
    public init(name: String, json: [UInt8]) throws {
        let file = try JSONDecoder().decode(File.self, from: Data(json))
        var pieces = [ESPImage.Segment(address: file.textStart, data: Array(file.text))]
        if let data = file.data, let start = file.dataStart, !data.isEmpty {
            pieces.append(ESPImage.Segment(address: start, data: Array(data)))
        }
        self.name = name
        self.pieces = pieces
        entry = file.entry
        sha256 = Digest.hex(Digest.sha256(json))
    }
}
