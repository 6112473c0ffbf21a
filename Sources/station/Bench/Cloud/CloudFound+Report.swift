import Provisioning

/// What is told of a measurement of the cloud stand-in.
extension CloudFound {
    /// - Parameters:
    ///   - seconds: each case's time.
    ///   - workers: clients at a time.
    func report(_ machine: BenchMachine, seconds: Int, workers: Int) -> BenchReport {
        BenchReport(
            name: "cloud", machine: machine, method: method(seconds: seconds, workers: workers),
            figures: rateLines + memoryLines + notes,
            values: [
                "seconds": .init(seconds), "workers": .init(workers),
                "registration_mqtt": Self.json(rates.registrationMQTT),
                "registration_https": Self.json(rates.registrationHTTPS),
                "connection": Self.json(rates.standIn),
                "connection_mosquitto": rates.mosquitto.map(Self.json) ?? nil,
                "connection_ratio_thousandths": .init(BenchText.thousandths(ratio)),
                "processor_ratio_thousandths": .init(BenchText.thousandths(processorRatio)),
                "memory": Self.json(standInMemory), "memory_mosquitto": mosquittoMemory.map(Self.json) ?? nil,
                "mosquitto_version": .init(mosquittoVersion), "skipped": .init(skipped),
            ])
    }

    private func method(seconds: Int, workers: Int) -> [String] {
        [
            "stand-in with its state file, mosquitto \(mosquittoVersion ?? "-") without persistence, each a process of its "
                + "own;",
            "loopback, TLS with RSA 2048; \(workers) clients at a time in this process, \(seconds) s a case in "
                + "\(CloudMeasurement.slices) slices by turns;",
            "each operation opens a connection, uses it and closes it; connect: signed CONNECT, CONNACK, DISCONNECT;",
            "register: \(CloudDevices.registrationNames) pre-registered names, again and again; each: the server's "
                + "processor time for one;",
            "ratio: stand-in / mosquitto; memory: VmRSS of processes started anew, before, with and after the connections.",
        ]
    }

    // MARK: - Lines

    private var rateLines: [String] {
        var lines = [
            Self.line("register  over MQTT", rates.registrationMQTT),
            Self.line("          over HTTPS", rates.registrationHTTPS),
            Self.line("connect   stand-in", rates.standIn),
        ]
        if let mosquitto = rates.mosquitto { lines.append(Self.line("          mosquitto", mosquitto)) }
        lines.append(
            "          ratio       \(BenchText.ratio(ratio)) in connections a second, "
                + "\(BenchText.ratio(processorRatio)) in processor time a connection")
        return lines
    }

    private var memoryLines: [String] {
        [Self.line("memory    stand-in", standInMemory)]
            + (mosquittoMemory.map { [Self.line("          mosquitto", $0)] } ?? [])
    }

    private var notes: [String] {
        var cases = [
            ("registrations over MQTT", rates.registrationMQTT), ("registrations over HTTPS", rates.registrationHTTPS),
            ("the stand-in's connections", rates.standIn),
        ]
        if let mosquitto = rates.mosquitto { cases.append(("mosquitto's connections", mosquitto)) }
        let busy = cases.compactMap { name, found -> String? in
            guard let share = found.loadShare, share > CloudCase.busyShare else { return nil }
            return "\(name) (\(BenchText.percent(share)))"
        }
        var notes: [String] = []
        if !busy.isEmpty {
            notes = [
                "note      the load generator, this process, used more than \(BenchText.percent(CloudCase.busyShare)) of a "
                    + "core with",
                "          \(busy.joined(separator: ", ")):",
                "          there it may be what is slow, and not the server",
            ]
        }
        if let skipped { notes.append("note      mosquitto skipped: \(skipped)") }
        return notes
    }

    private static func line(_ name: String, _ found: CloudCase) -> String {
        let samples = found.rate.samples
        return pad(name, 22) + pad("\(found.rate.perSecond.map { BenchText.fixed($0, 0) } ?? "-")/s", 9)
            + "p50 \(BenchText.time(samples.percentile(50))) p99 \(BenchText.time(samples.percentile(99)))   CPU server "
            + "\(BenchText.percent(found.serverShare)) load \(BenchText.percent(found.loadShare)) of a core, each "
            + BenchText.time(found.serverEach)
    }

    private static func line(_ name: String, _ memory: HeldMemory) -> String {
        pad(name, 22)
            + "\(megabytes(memory.before)) before, \(megabytes(memory.open)) with \(memory.connections) open, "
            + "\(megabytes(memory.after)) after: \(memory.perConnection.map { BenchText.fixed($0, 1) } ?? "-") KiB a "
            + "connection"
    }

    private static func megabytes(_ kilobytes: Int?) -> String {
        kilobytes.map { BenchText.fixed(Double($0) / 1024, 1) + " MiB" } ?? "-"
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }

    // MARK: - JSON

    private static func json(_ found: CloudCase) -> JSONValue {
        let samples = found.rate.samples
        return [
            "operations": .init(samples.sorted.count),
            "per_second": .init(found.rate.perSecond.map { Int($0.rounded()) }),
            "p50_us": .init(BenchText.microseconds(samples.percentile(50))),
            "p99_us": .init(BenchText.microseconds(samples.percentile(99))),
            "server_cpu_thousandths": .init(BenchText.thousandths(found.serverShare)),
            "server_cpu_us_each": .init(BenchText.microseconds(found.serverEach)),
            "load_cpu_thousandths": .init(BenchText.thousandths(found.loadShare)),
        ]
    }

    private static func json(_ memory: HeldMemory) -> JSONValue {
        [
            "connections": .init(memory.connections), "before_kib": .init(memory.before),
            "open_kib": .init(memory.open), "after_kib": .init(memory.after),
            "bytes_per_connection": .init(memory.perConnection.map { Int(($0 * 1024).rounded()) }),
        ]
    }
}
