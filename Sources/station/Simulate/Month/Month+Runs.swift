import Journal
import Provisioning

/// What happens to a board on its slot, told to the journal as the station tells it.
extension Month {
    /// Places a board and begins its run.
    mutating func place(_ board: Int, on slot: Int, isNew: Bool) async throws {
        let line = slots[slot].line
        guard let order = lines[line].order else { return }
        let person = shift.map { $0.people[slot % $0.people.count] }
        let number = try await journal.startRun(
            slot: slots[slot].name, order: order.id, operator: person, actor: Self.actor)
        boards[board].slot = slot
        boards[board].attempts += 1
        var run = MonthRun(number: number, board: board, slot: slot, began: now, isNew: isNew)
        run.fate = fate(of: board, on: slot, order: order.terms)
        slots[slot].run = run
        slots[slot].next = now + pick(1200...2800)
    }

    /// The next event of the run on a slot.
    mutating func advance(_ slot: Int) async throws {
        guard var run = slots[slot].run else { return }
        switch run.phase {
        case .identify: try await identify(&run)
        case .claim: try await claim(&run)
        case .reset: try await reset(&run)
        case .register: try await register(&run)
        case .erase: try await erase(&run)
        case .written: try await written(&run)
        case .look: try await look(&run)
        case .booted: try await booted(&run)
        case .relay: try await relay(&run)
        case .activated: try await activated(&run)
        case .conclude: return try await conclude(run)
        }
        if run.phase == .conclude { slots[slot].next = max(now, run.mark) + pick(15...120) }
        slots[slot].run = run
    }

    private mutating func after(_ delay: Int64, _ phase: MonthRun.Phase, _ run: inout MonthRun) {
        run.phase = phase
        slots[run.slot].next = now + delay
    }

    // MARK: - Steps

    private mutating func identify(_ run: inout MonthRun) async throws {
        if let fate = run.fate, fate.step == .identify {
            return run.fail(fate.code, "simulated", in: .identify, at: now)
        }
        try await readIdentity(run, phase: "identify")
        run.end(.identify, at: now)
        after(pick(40...250), .claim, &run)
    }

    private func readIdentity(_ run: MonthRun, phase: String) async throws {
        let board = boards[run.board]
        try await journal.recordIdentity(
            run: run.number, phase: phase, identity: try board.identity,
            uid: HardwareUID(hex: board.uid, source: .chip),
            details: ["chip": "ESP32-C3", "mac": .string(MonthText.hex(board.mac, 12)), "uid_source": "chip"],
            actor: Self.actor)
    }

    private mutating func claim(_ run: inout MonthRun) async throws {
        let board = boards[run.board]
        guard let order = lines[slots[run.slot].line].order else { return }
        let request = ClaimRule.Request(
            order: order.id, identity: try board.identity, uid: HardwareUID(hex: board.uid, source: .chip),
            mac: try MACAddress(MonthText.hex(board.mac, 12)), macBlock: 4,
            deviceName: try DeviceName(MonthText.hex(board.mac, 12)), isUIDIndependent: true)
        let result = try await journal.claim(run: run.number, request: request, rule: ClaimRule(), actor: Self.actor)
        switch result {
        case .refused(let failure):
            run.fail(failure.code, failure.detail, in: .claim, at: now)
            run.failure = failure
        case .admitted(let unit, let admission):
            if boards[run.board].unit == nil {
                (boards[run.board].unit, boards[run.board].order) = (unit.id, unit.order)
                boards[run.board].ordinal = unit.ordinal
                made(run.board, on: slots[run.slot].line)
            }
            (run.unit, run.admission) = (unit, admission)
            run.isFlashed = admission.flash == nil
            run.end(.claim, at: now)
            spareSample(&run, order.terms)
            after(pick(150...900), admission.resets ? .reset : .register, &run)
        }
    }

    /// A failed sample costs its order a whole batch: it is made rare; in a small month one comes about for certain.
    private mutating func spareSample(_ run: inout MonthRun, _ terms: WorkOrder.Terms) {
        guard case .sample(let every) = terms.activation, let ordinal = run.unit?.ordinal else { return }
        if rarity > 1, ordinal == terms.quota * 2 / 3 / every * every {
            run.fate = MonthRun.Fate(step: .activate, code: .notActivated)
        } else if let step = run.fate?.step, [.boot, .activate].contains(step), !chance(1200) {
            run.fate = nil
        }
    }

    private mutating func reset(_ run: inout MonthRun) async throws {
        guard let unit = run.unit, let iotID = unit.iotID, var device = boards[run.board].device else {
            return after(10, .register, &run)
        }
        let reading = boards[run.board].reading(at: now, request: request())
        try await journal.recordReading(
            run: run.number, unit: unit.id, phase: "reset", isActive: device.activated != nil, reading: reading,
            actor: Self.actor)
        let intent = try await journal.beginIntent(
            .run(run.number), unit: unit.id, effect: .reset, key: iotID,
            details: ["secret_digest": reading["secret_digest"]],
            actor: Self.actor)
        try await journal.finishIntent(
            intent, unit: unit.id, effect: .reset, isKnown: true, result: "reset",
            details: ["request_id": .string(request())], actor: Self.actor)
        (device.activated, device.secret) = (nil, device.secret + 1)
        boards[run.board].device = device
        run.isReset = true
        after(pick(100...400), .register, &run)
    }

    private mutating func register(_ run: inout MonthRun) async throws {
        guard let unit = run.unit else { return }
        let start = run.mark
        if isCloudDown {
            // The flash goes on beside it; the run ends with the station's patience.
            run.end(.register, at: start + 90_000, from: start, result: FailureCode.registerCloud.text)
            run.mark = start
            run.failure = Failure(.registerCloud, "for 90 s the cloud gave no answer")
            run.patience = start + 90_000
        } else {
            let date = MonthText.httpDate(now)
            let reading = boards[run.board].reading(at: now, request: request())
            try await journal.recordReading(
                run: run.number, unit: unit.id, phase: "register",
                isActive: reading == .null ? nil : boards[run.board].device?.activated != nil, reading: reading,
                details: ["request_id": .string(request()), "cloud_date": .string(date)], actor: Self.actor)
            if boards[run.board].device == nil { try await create(unit, run, notThereAt: date) }
            run.end(.register, at: now, from: start)
            run.mark = start
        }
        if run.admission.flash != nil { return after(pick(900...1600), .erase, &run) }
        try await afterPreparing(&run)
    }

    private mutating func create(_ unit: BoardUnit, _ run: MonthRun, notThereAt date: String) async throws {
        let intent = try await journal.beginIntent(
            .run(run.number), unit: unit.id, effect: .register, key: "\(unit.productKey)/\(unit.deviceName)",
            details: ["not_there_at": .string(date)], actor: Self.actor)
        let device = MonthBoard.Device(
            iotID: "iot" + MonthText.hex(UInt64(unit.id) &* 0x9E37_79B9_7F4A_7C15, 16), created: now, secret: 1)
        boards[run.board].device = device
        try await journal.finishIntent(
            intent, unit: unit.id, effect: .register, isKnown: true, result: "created", iotID: device.iotID,
            details: ["request_id": .string(request())], actor: Self.actor)
    }

    private mutating func erase(_ run: inout MonthRun) async throws {
        guard let unit = run.unit else { return }
        if let fate = run.fate, fate.step == .flash, fate.code == .loaderLost {
            return run.fail(fate.code, "simulated", in: .flash, at: now)
        }
        try await readIdentity(run, phase: "before-erase")
        let release = lines[slots[run.slot].line].order?.terms.release ?? ""
        run.flashIntent = try await journal.beginIntent(
            .run(run.number), unit: unit.id, effect: .flash, key: Month.digest(of: release),
            details: ["release": .string(release)], actor: Self.actor)
        // A slot of its own has a slow cable.
        after(pick(17_000...31_000) + (run.slot % 4 == 3 ? 4_000 : 0), .written, &run)
    }

    private mutating func written(_ run: inout MonthRun) async throws {
        guard let unit = run.unit, let intent = run.flashIntent else { return }
        let verified = pick(1800...4200)
        if let fate = run.fate, fate.step == .flash || fate.step == .verify {
            try await journal.finishIntent(
                intent, unit: unit.id, effect: .flash, isKnown: false, result: fate.code.text, actor: Self.actor)
            if fate.step == .verify { run.end(.flash, at: now - verified) }
            return run.fail(fate.code, "simulated", in: fate.step, at: now)
        }
        try await readIdentity(run, phase: "after-verify")
        try await journal.finishIntent(
            intent, unit: unit.id, effect: .flash, isKnown: true, result: "written",
            details: ["loader": ["stub": "esp32c3", "rom": nil], "baud": 921_600, "bytes_sent": 612_344],
            actor: Self.actor)
        run.isFlashed = true
        run.end(.flash, at: now - verified)
        run.end(.verify, at: now)
        try await afterPreparing(&run)
    }

    /// Register and flash are done: the board is switched on, or the run is over.
    private mutating func afterPreparing(_ run: inout MonthRun) async throws {
        if run.failure != nil {
            run.mark = max(run.mark, run.patience)
            run.phase = .conclude
        } else if run.admission.activation == .none {
            run.phase = .conclude
        } else {
            after(pick(150...400), .look, &run)
        }
    }

    private mutating func look(_ run: inout MonthRun) async throws {
        guard let unit = run.unit else { return }
        let isActive = boards[run.board].device?.activated != nil
        run.before = boards[run.board].reading(at: now, request: request())
        try await journal.recordReading(
            run: run.number, unit: unit.id, phase: "before", isActive: isActive, reading: run.before,
            details: ["request_id": .string(request()), "cloud_date": .string(MonthText.httpDate(now))],
            actor: Self.actor)
        run.bootIntent = try await journal.beginIntent(
            .run(run.number), unit: unit.id, effect: .boot, key: unit.deviceName.text,
            details: ["not_there_at": nil, "network": .bool(run.admission.activation == .board)], actor: Self.actor)
        after(pick(1900...5200), .booted, &run)
    }

    private mutating func booted(_ run: inout MonthRun) async throws {
        guard let unit = run.unit, let intent = run.bootIntent else { return }
        let fate = run.fate.flatMap { $0.step == .boot ? $0 : nil }
        try await journal.finishIntent(
            intent, unit: unit.id, effect: .boot, isKnown: true, result: fate?.code.text ?? "ready",
            details: ["console": ["boot: ready"]], actor: Self.actor)
        if let fate { return run.fail(fate.code, "simulated", in: .boot, at: now) }
        run.end(.boot, at: now)
        if isCloudDown { return outOfPatience(&run) }
        after(pick(1600...9000), run.admission.activation == .relay ? .relay : .activated, &run)
    }

    private mutating func outOfPatience(_ run: inout MonthRun) {
        run.fail(
            .activateCloud, "for 90 s the cloud gave no answer", in: .activate, at: run.mark + 90_000, from: run.mark)
    }

    private mutating func relay(_ run: inout MonthRun) async throws {
        guard let unit = run.unit else { return }
        if let fate = run.fate, fate.step == .activate {
            return run.fail(fate.code, "simulated", in: .activate, at: now)
        }
        for effect in [Effect.issue, .handOver, .connect] {
            let intent = try await journal.beginIntent(
                .run(run.number), unit: unit.id, effect: effect, key: unit.deviceName.text, actor: Self.actor)
            let result = effect == .issue ? "issued" : effect == .handOver ? "stored" : "connected"
            try await journal.finishIntent(
                intent, unit: unit.id, effect: effect, isKnown: true, result: result, actor: Self.actor)
        }
        after(pick(200...900), .activated, &run)
    }

    private mutating func activated(_ run: inout MonthRun) async throws {
        guard let unit = run.unit else { return }
        if isCloudDown { return outOfPatience(&run) }
        if let fate = run.fate, fate.step == .activate {
            return run.fail(fate.code, "simulated", in: .activate, at: now)
        }
        boards[run.board].connect(at: now)
        run.after = boards[run.board].reading(at: now, request: request())
        try await journal.recordReading(
            run: run.number, unit: unit.id, phase: "after", isActive: true, reading: run.after, actor: Self.actor)
        run.end(.activate, at: now)
        run.phase = .conclude
    }

    // MARK: - Conclusion

    private mutating func conclude(_ asked: MonthRun) async throws {
        var run = asked
        let isPass = run.failure == nil && run.admission.activation != .none
        let evidence: JSONValue =
            isPass
            ? [
                "state": "ONLINE", "activated_at": run.after["activated_at"], "online_at": run.after["online_at"],
                "ground": run.before["activated_at"] == .null ? "activated" : "online", "firmware_version": nil,
                "iot_id": run.after["iot_id"], "request_id": run.after["request_id"], "before": run.before,
                "secret_digest": run.after["secret_digest"], "client_id": nil,
            ] : nil
        run.end(.conclude, at: now)
        try await journal.conclude(
            run: run.number,
            conclusion: .init(outcome: run.failure?.outcome ?? (isPass ? .pass : .done), failure: run.failure),
            isFlashed: run.isFlashed, finishedWork: finishedWork(run), steps: run.steps, evidence: evidence,
            details: [
                "device_name": .init(run.unit?.deviceName.text), "iot_id": .init(boards[run.board].device?.iotID),
                "activation": .string(run.admission.activation.rawValue), "reset": nil, "flash": nil, "shipping": nil,
                "line_network_left": false, "console": [],
            ], actor: Self.actor)
        slots[run.slot].run = nil
        boards[run.board].slot = nil
        slots[run.slot].next = now + pick(3500...9000)
        runs += 1
        try await settle(run)
    }

    private func finishedWork(_ run: MonthRun) -> PendingWork? {
        guard run.isFlashed, let work = run.unit?.pending else { return nil }
        return work == .reset && !run.isReset ? nil : work
    }
}
