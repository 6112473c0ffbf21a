import ArgumentParser
import Foundation
import Journal
import Provisioning

/// `station doctor`: looks at everything a shift depends on before the first board is placed, and changes nothing.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Checks configuration, disk, vault, stub, ports, clock, cloud and products, and says what to do.",
        discussion: """
            Each check prints ok, warning or problem: what was seen, what was expected, what to do next. Exit status 1 if \
            there is a problem, 0 otherwise. Run it as the account the station runs as, with or without a running \
            daemon.

            Nothing is changed: no port is opened (opening one may reset a board), no device is made. The cloud is asked \
            for each product that has an order or a sealed secret, and the ProductSecret and the dynamic-registration \
            switch are tried on the probe name, where it exists. Secrets are never printed.

            Examples:
              station doctor --config /etc/provisioning-station/station.toml
              station doctor --config station.toml --json
            """)

    @Option(help: ArgumentHelp("The station's configuration.", valueName: "station.toml")) var config: String

    @Option(
        help: ArgumentHelp(
            "Folder with board profiles; default: Station/ of the checkout, or the installed one.", valueName: "dir"))
    var home: String?

    @Flag(help: "Print one JSON object.") var json = false

    func run() async throws {
        var report = DoctorReport()
        await examine(into: &report)
        if json {
            print(report.json.text)
        } else {
            for line in report.lines { print(line) }
        }
        guard report.isHealthy else { throw ExitCode.failure }
    }

    private func examine(into report: inout DoctorReport) async {
        let setup = DoctorSetup(file: config, home: home)
        let (configuration, profiles) = setup.examine(into: &report)
        // Without a configuration there is nothing to look at.
        guard let configuration else { return }
        let folder = DoctorFolder(configuration: configuration)
        let isDaemonRunning = await folder.examine(into: &report)
        let orders = await folder.orders(into: &report).filter { !$0.state.isOver }
        DoctorOrders(orders: orders, configuration: configuration, profiles: profiles).examine(into: &report)
        let secrets = DoctorVault(file: config, configuration: configuration, orders: orders).examine(into: &report)
        await DoctorCalls(file: config, configuration: configuration).examine(into: &report)
        DoctorStubs(configuration: configuration, profiles: profiles).examine(into: &report)
        await DoctorSlots(slots: configuration.slots, isDaemonRunning: isDaemonRunning).examine(into: &report)
        report.findings += DoctorLinePC.examine(configuration.slots)
        await DoctorCloud(configuration: configuration, orders: orders, secrets: secrets).examine(into: &report)
    }
}
