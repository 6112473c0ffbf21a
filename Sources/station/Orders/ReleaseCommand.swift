import ArgumentParser
import Execution
import Journal
import Provisioning

/// Firmware releases: added and listed.
struct ReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release", abstract: "Firmware releases: add, list.", subcommands: [Add.self, List.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Copies the images the board profile names from a folder; they never change afterwards.",
            discussion: "The profile's regions name the files, such as bootloader.bin, partition-table.bin and app.bin."
        )

        @Argument(help: ArgumentHelp("Folder with the images.", valueName: "dir")) var folder: String
        @Option(help: ArgumentHelp("Board profile.", valueName: "p")) var profile: String
        @Option(help: ArgumentHelp("Version the firmware reports.", valueName: "v")) var version: String
        @Option(
            name: .customLong("device-sdk"),
            help: ArgumentHelp(
                "The vendor's device SDK the firmware is built on, such as c-4.2.0; products without pre-registration "
                    + "require the C SDK 4.x.", valueName: "sdk"))
        var deviceSDK: String?
        @Option(
            help: ArgumentHelp(
                "What a ship check of the profile must answer for this release, where it differs from the profile; may be "
                    + "given several times.", valueName: "check=value"))
        var ship: [String] = []
        @OptionGroup var station: StationOptions

        func run() async throws {
            let added = try await station.sender().send(
                .addRelease(
                    folder: lexicallyAbsolute(folder), profile: profile, version: version, deviceSDK: deviceSDK,
                    ship: try values())
            )
            for image in added["images"].array ?? [] {
                print(
                    "\(image["region"].string ?? ""): \(image["size"].int ?? 0) bytes, SHA-256 \(image["sha256"].string ?? "")"
                )
            }
            for finding in added["findings"].array ?? [] { print("look at this: \(finding["en"].string ?? "")") }
            print("release \(profile) \(version), SHA-256 \(added["sha256"].string ?? "")")
        }

        private func values() throws -> [String: String] {
            var values: [String: String] = [:]
            for text in ship {
                let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
                guard parts.count == 2, values.updateValue(parts[1], forKey: parts[0]) == nil else {
                    throw ValidationError("--ship \(text): expected CHECK=VALUE, each check once.")
                }
            }
            return values
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists every release.")

        @Flag(help: "Print JSON.") var json = false
        @OptionGroup var station: StationOptions

        func run() async throws {
            let releases = try await Journal(folder: station.dataFolder(), access: .readOnly).releases()
            if json {
                print(JSONValue.array(releases.map(\.json)).text)
            } else {
                for release in releases { print("\(release.profile)  \(release.version)  \(release.sha256)") }
            }
        }
    }
}
