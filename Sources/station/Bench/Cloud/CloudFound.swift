/// What a measurement of the cloud stand-in found.
struct CloudFound: Sendable {
    /// The four cases; mosquitto's is nil where there is none.
    struct Rates: Sendable {
        var registrationMQTT = CloudCase()
        var registrationHTTPS = CloudCase()
        var standIn = CloudCase()
        var mosquitto: CloudCase?
    }

    let rates: Rates
    let standInMemory: HeldMemory
    let mosquittoMemory: HeldMemory?
    let mosquittoVersion: String?
    /// Why mosquitto has no figures.
    let skipped: String?

    /// Connections a second, stand-in over mosquitto.
    var ratio: Double? {
        guard let part = rates.standIn.rate.perSecond, let whole = rates.mosquitto?.rate.perSecond, whole > 0 else {
            return nil
        }
        return part / whole
    }

    /// Processor time a connection, stand-in over mosquitto: whatever the load generator could do, it counts the same.
    var processorRatio: Double? {
        BenchText.quotient(rates.standIn.serverEach, rates.mosquitto?.serverEach)
    }
}
