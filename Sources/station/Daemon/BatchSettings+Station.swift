import Execution
import Journal
import Provisioning
import Reports
import Vault

extension BatchSettings {
    /// As the station signs and prints.
    /// - Parameter vault: opened when an archive is signed.
    init(
        configuration: StationConfiguration?, home: StationHome, vault: @escaping @Sendable () throws -> Vault
    ) {
        self.init(
            station: configuration?.id, software: Station.version,
            configuration: { configuration?.inForce(profiles: home.profileDigests()) ?? .null },
            signer: {
                let vault = try vault()
                return BatchArchive.Signer(key: try vault.signingPublicKey().hex, sign: { try vault.sign($0) })
            },
            pages: { report in
                [
                    "report.html": try report.html(language: .zh, home: home.folder),
                    "report.en.html": try report.html(language: .en, home: home.folder),
                ]
            })
    }
}

extension StationConfiguration {
    /// What `station.configured` records: the configuration as text, which has no secret, and the SHA-256 of each board
    /// profile that a slot is for.
    func inForce(profiles: [String: String]) -> JSONValue {
        let used = Set(slots.map(\.profile))
        return [
            "station": .string(id), "software": .string(Station.version), "toml": .string(toml),
            "profiles": .object(profiles.filter { used.contains($0.key) }.mapValues(JSONValue.string)),
        ]
    }

    /// Where the witness of the journal's head is.
    var witnessPath: String { headWitness ?? HeadWitness.defaultPath(dataFolder: dataFolder) }
}
