import ArgumentParser
import Bench
import Foundation
import Provisioning

/// Board profiles: listed and checked.
struct BoardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "board", abstract: "Board profiles: list, check.",
        discussion: """
            A board profile is one TOML file in the folder boards: how the board is identified, named, flashed, given the \
            product credential, booted and watched. The shipped ones are commented; copy the nearest and change it:
              cp Station/boards/esp32c3.toml Station/boards/my-board.toml
              station board check Station/boards/my-board.toml
              station demo --board my-board        (where its kind can be simulated)
            """, subcommands: [List.self, Check.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the installed profiles and what they describe.")

        @Option(help: ArgumentHelp("Folder with board profiles.", valueName: "dir")) var home: String?
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            let home = try StationHome.locate(explicit: home)
            let profiles = try home.profileNames().map { try home.profile(named: $0) }
            if json {
                print(JSONValue.array(profiles.map(\.json)).text)
                return
            }
            let rows =
                [["profile", "chip", "identity", "flash", "credential", "board"]]
                + profiles.map {
                    [
                        $0.name, $0.chip, "\($0.identity.kind.rawValue) (\($0.identity.source.rawValue))",
                        $0.flash.method.rawValue, $0.flash.credential.formatName, "\($0.titleEn) \($0.titleZh)",
                    ]
                }
            let widths = (0..<5).map { column in rows.map { $0[column].count }.max() ?? 0 }
            for row in rows {
                let cells = row.enumerated().map { index, cell in
                    index < widths.count ? cell + String(repeating: " ", count: widths[index] - cell.count) : cell
                }
                print(cells.joined(separator: "  "))
            }
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Checks profiles and names every problem at once; exit status 1 where there is any.",
            discussion: "Each problem stands on one line: the key, the value that stands there, what is allowed.")

        @Argument(help: ArgumentHelp("Profile files.", valueName: "file")) var files: [String]

        func run() async throws {
            var isClean = true
            for file in files {
                do {
                    let profile = try BoardProfileFile.load(file)
                    _ = try BoardMethod(profile: profile, slot: .checkOnly)
                    print(
                        "\(file): good. \(profile.titleEn): \(profile.identity.kind.rawValue) from "
                            + "\(profile.identity.source.rawValue), flash by \(profile.flash.method.rawValue), credential as "
                            + "\(profile.flash.credential.formatName)")
                } catch {
                    isClean = false
                    print("\(error)")
                }
            }
            guard isClean else { throw ExitCode.failure }
        }
    }
}

extension BoardProfile.Credential {
    /// As the profile's file names it.
    var formatName: String {
        switch self {
        case .region(let region): region.format.rawValue + (region.isEncrypted ? " (encrypted)" : "")
        case .marker: "marker"
        case .commands(.manufacturing): "at-sysmfg"
        case .commands(.template): "at-template"
        case .commands(.settings): "smp-settings"
        }
    }
}

extension BoardProfile {
    /// As `--json` prints it.
    fileprivate var json: JSONValue {
        [
            "profile": .string(name), "title_zh": .string(titleZh), "title_en": .string(titleEn),
            "chip": .string(chip), "identity_kind": .string(identity.kind.rawValue),
            "identity_source": .string(identity.source.rawValue), "device_name": .string(deviceName.template),
            "flash_method": .string(flash.method.rawValue), "credential": .string(flash.credential.formatName),
            "preserved": .array(flash.preserved.map { .string($0.name) }), "unit_tag": .bool(flash.tag != nil),
            "line_network": .bool(network != nil), "ship_checks": .array(shipChecks.map { .string($0.name) }),
        ]
    }
}
