import ArgumentParser

/// The one shipped program: the daemon, the commands of engineer and line leader, and the stand-ins.
@main
struct Station: AsyncParsableCommand {
    /// The program's version, as the page and its API tell it.
    static let version = "0.5.0"

    static func main() async {
        ProcessHeap.share()
        do { try ProcessGuard.enforce() } catch { exit(withError: error) }
        await main(nil)
    }

    static let configuration = CommandConfiguration(
        commandName: "station",
        abstract: "Takes bare IoT boards to cloud-proven devices, many at once, and proves afterwards what it did.",
        discussion: """
            A first order, from nothing:
              station secret set product/PRODUCTKEY --config station.toml < secret.txt
              station release add firmware/ --profile esp32c3 --version 1.0.0 --config station.toml
              station order create --product PRODUCTKEY --release 1.0.0 --profile esp32c3 --quota 1000 --config station.toml
              station doctor --config station.toml
              station order open WO-0001 --config station.toml
              station serve --config station.toml

            Without hardware and without a cloud account: station demo
            """, version: version,
        subcommands: [
            ServeCommand.self, DemoCommand.self, OrderCommand.self, UnitCommand.self, ReleaseCommand.self,
            BoardCommand.self, ShiftCommand.self,
            ScanCommand.self, WatchCommand.self, SecretCommand.self, SlotCommand.self, CardsCommand.self,
            JournalCommand.self, BatchCommand.self, BackupCommand.self, RestoreCommand.self, ReportCommand.self,
            ReconcileCommand.self,
            DoctorCommand.self,
            BenchCommand.self, SimulateCommand.self,
        ])
}
