import Bench

extension StationConfiguration.Network.Probe {
    /// Asks the access point: nil where it answers, else why not.
    var ask: @Sendable () async -> String? { { nil } }
}
