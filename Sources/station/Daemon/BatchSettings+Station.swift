import Execution
import Journal
import Reports
import Vault

extension BatchSettings {
    /// As the station signs and prints.
    /// - Parameter vault: opened when an archive is signed.
    init(station: String?, home: StationHome, vault: @escaping @Sendable () throws -> Vault) {
        self.init(
            station: station, software: Station.version,
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
    /// Where the witness of the journal's head is.
    var witnessPath: String { headWitness ?? HeadWitness.defaultPath(dataFolder: dataFolder) }
}
