import Crypto
import Foundation
import Provisioning

/// The folder of what is installed beside the program: board profiles, and later templates and schemas.
struct StationHome: Hashable, Sendable {
    /// The folder's absolute path.
    let folder: String

    /// Where a package puts it.
    static let installed = "/usr/share/provisioning-station"

    /// Why no folder was found.
    struct NotFound: Error, Equatable, Sendable, CustomStringConvertible {
        let description: String
    }

    /// Finds the folder: `explicit` if given, else the environment's `STATION_HOME`, else `Station/` in a folder above the
    /// executable (a checkout), else ``installed``. The folder is the one that holds `boards/`.
    /// - Throws: ``NotFound``; a folder that was named but has no `boards/` is not passed over.
    static func locate(
        explicit: String? = nil, environment: [String: String] = ProcessInfo.processInfo.environment,
        executable: String? = executablePath(), installed: String = installed
    ) throws(NotFound) -> StationHome {
        for (named, source) in [(explicit, "--home"), (environment["STATION_HOME"], "STATION_HOME")] {
            guard let named, !named.isEmpty else { continue }
            let folder = URL(fileURLWithPath: named).standardizedFileURL.path
            guard holdsBoards(folder) else {
                throw NotFound(description: "\(source) names \(folder), which has no folder boards")
            }
            return StationHome(folder: folder)
        }
        if let executable, let folder = checkout(above: executable) { return StationHome(folder: folder) }
        guard holdsBoards(installed) else {
            throw NotFound(
                description: "no board profiles: no Station/boards above the program, none in \(installed); name the "
                    + "folder with --home or STATION_HOME")
        }
        return StationHome(folder: installed)
    }

    /// The folder of the board profiles.
    var boardsFolder: String { "\(folder)/boards" }

    /// The folder of style and pictures of printed cards.
    var cardsFolder: String { "\(folder)/cards" }

    /// Names of the profiles, sorted.
    func profileNames() -> [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: boardsFolder)) ?? []
        return files.filter { $0.hasSuffix(".toml") && !$0.hasPrefix(".") }.map { String($0.dropLast(5)) }.sorted()
    }

    /// Reads the profile `name`.
    /// - Throws: ``ConfigurationError``; for an unknown name it lists those there are.
    func profile(named name: String) throws(ConfigurationError) -> BoardProfile {
        let file = "\(boardsFolder)/\(name).toml"
        let names = profileNames()
        guard names.contains(name) else {
            let known = names.isEmpty ? "none" : names.joined(separator: ", ")
            throw ConfigurationError(
                file: file,
                problems: [
                    ConfigurationProblem(
                        key: "", value: nil, expected: "no board profile \"\(name)\"; there are: \(known)")
                ])
        }
        return try BoardProfileFile.load(file)
    }

    /// What names the content of each profile that can be read: the SHA-256 of its file.
    func profileDigests() -> [String: String] {
        let digests = profileNames().compactMap { name -> (String, String)? in
            guard let data = FileManager.default.contents(atPath: "\(boardsFolder)/\(name).toml") else { return nil }
            return (name, SHA256.hash(data: data).map { String(format: "%02x", $0) }.joined())
        }
        return Dictionary(uniqueKeysWithValues: digests)
    }

    /// The running program's own file.
    static func executablePath() -> String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    }

    private static func checkout(above executable: String) -> String? {
        var folder = URL(fileURLWithPath: executable).standardizedFileURL.deletingLastPathComponent()
        while folder.path != "/" {
            let candidate = folder.appendingPathComponent("Station").path
            if holdsBoards(candidate) { return candidate }
            folder = folder.deletingLastPathComponent()
        }
        return nil
    }

    private static func holdsBoards(_ folder: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: "\(folder)/boards", isDirectory: &isFolder) && isFolder.boolValue
    }
}
