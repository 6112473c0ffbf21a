import ArgumentParser
import Bench
import Foundation

/// The configuration file of which `station slot map` changes the ports.
struct SlotFile {
    /// Why a command about slots could not be carried out.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let path: String
    let configuration: StationConfiguration

    /// - Throws: ``ConfigurationError`` with every problem; a validation error without a file.
    init(_ file: String?) throws {
        guard let file else { throw ValidationError("this command needs --config FILE") }
        // A link stays one: the file it leads to is replaced.
        path = URL(fileURLWithPath: file).resolvingSymlinksInPath().path
        configuration = try StationConfiguration.load(file)
    }

    static func unknown(_ name: String, _ known: [String]) -> Failure {
        Failure(description: "there is no slot \"\(name)\"; there are: \(known.joined(separator: ", "))")
    }

    /// Writes the slots' new ports. The new text is checked as a configuration first, and the file is replaced whole, with
    /// the owner and mode it had.
    /// - Throws: ``SlotMapWriter/Refusal``, ``ConfigurationError``, or what the file system says.
    func write(_ ports: [String: String]) throws -> [SlotMapWriter.Change] {
        let result = try SlotMapWriter.rewrite(try StationConfiguration.readText(path), ports: ports)
        guard !result.changes.isEmpty else { return [] }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        _ = try StationConfiguration(toml: result.text, file: path, folder: folder)
        let temporary = "\(path).new"
        let files = FileManager.default
        let attributes = try files.attributesOfItem(atPath: path)
        do {
            try Data(result.text.utf8).write(to: URL(fileURLWithPath: temporary))
            var kept: [FileAttributeKey: Any] = [:]
            for key in [FileAttributeKey.posixPermissions, .ownerAccountID, .groupOwnerAccountID] {
                kept[key] = attributes[key]
            }
            try files.setAttributes(kept, ofItemAtPath: temporary)
            guard rename(temporary, path) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        } catch {
            try? files.removeItem(atPath: temporary)
            throw error
        }
        return result.changes
    }
}
