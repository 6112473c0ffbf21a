import ArgumentParser

/// The stand-ins: the cloud and the boards, each a process of its own, for demonstrations, training and tests.
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract:
            "Stand-ins at the wire: a cloud that speaks the platform's protocols, boards behind ptys and sockets.",
        subcommands: [
            SimulateCloud.self, SimulateSwitch.self, SimulateFaults.self, SimulateDevices.self, SimulateBoard.self,
            SimulateFixture.self, SimulateFlasher.self, SimulatePlant.self, SimulateMonth.self,
        ])
}
