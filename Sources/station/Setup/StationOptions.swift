import ArgumentParser
import Foundation
import Journal
import Provisioning
import Vault

/// Which station a command speaks of: by its configuration, or by its data folder alone.
struct StationOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The station's configuration.", valueName: "station.toml"))
    var config: String?

    @Option(name: .long, help: ArgumentHelp("The station's data folder, instead of --config.", valueName: "dir"))
    var data: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Folder with board profiles; default: Station/ of the checkout, or the installed one.", valueName: "dir"))
    var home: String?

    func validate() throws {
        guard (config == nil) != (data == nil) else {
            throw ValidationError("give either --config FILE or --data DIR")
        }
    }

    /// The data folder: what `--data` names, or what the configuration says.
    func dataFolder() throws -> String {
        if let data { return lexicallyAbsolute(data) }
        return try configuration().dataFolder
    }

    /// Where the witness of the journal's head is.
    func witnessPath() throws -> String {
        try config.map { _ in try configuration().witnessPath } ?? HeadWitness.defaultPath(dataFolder: dataFolder())
    }

    /// - Throws: ``ConfigurationError`` with every problem; a validation error without `--config`.
    func configuration() throws -> StationConfiguration {
        guard let config else { throw ValidationError("this command needs --config FILE") }
        return try StationConfiguration.load(config)
    }

    /// The vault, guarded as the configuration says; with `--data` alone, by the rights of its key file.
    func vault() throws -> Vault { try Vault.open(dataFolder: dataFolder(), protection: vaultProtection()) }

    /// What guards the vault's data key.
    func vaultProtection() throws -> KeyProtection { try vaultSettings().protection }

    /// What may guard it now, where it is to be moved.
    func vaultProtections() throws -> [KeyProtection] { try vaultSettings().protections }

    private func vaultSettings() throws -> StationConfiguration.VaultSettings {
        try config.map { _ in try configuration().vault } ?? StationConfiguration.VaultSettings()
    }

    /// Every board profile of the station's home, by name.
    func profiles() throws -> [String: BoardProfile] {
        let home = try StationHome.locate(explicit: home)
        return try Dictionary(uniqueKeysWithValues: home.profileNames().map { ($0, try home.profile(named: $0)) })
    }

    /// Where commands that change something go.
    func sender() throws -> CommandSender {
        CommandSender(
            dataFolder: try dataFolder(), profiles: try profiles(),
            configuration: try config.map { _ in try configuration() },
            home: try StationHome.locate(explicit: home))
    }
}
