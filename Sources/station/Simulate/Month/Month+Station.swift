import Foundation
import Journal
import Provisioning

/// What happens to the whole station: its opening, shifts, crashes, and the cloud's outages.
extension Month {
    /// Releases, orders, slots, and what fate has in store.
    mutating func open() async throws {
        try await journal.append(
            kind: .stationStarted, actor: Self.actor, body: ["station": "month", "slots": [], "simulated": true])
        let count = wish.orders == 1 ? 1 : 2
        let perShift = (wish.units + wish.shifts - 1) / wish.shifts
        let each = max(8 / count, (perShift / count * 100 + 39_599) / 39_600)
        for line in 0..<count {
            lines.append(
                MonthLine(
                    index: line, profile: ["esp32c3", "esp32c3-sn"][line],
                    productKey: ["a1MonthOne", "a1MonthTwo"][line]))
        }
        for number in 0..<wish.orders { try await makeOrder(number) }
        for line in 0..<count {
            for slot in 0..<each {
                slots.append(
                    Slot(
                        name: "slot-\(line * each + slot + 1)", line: line, next: calendar.begin + pick(2_000...60_000))
                )
            }
            if let order = lines[line].order {
                try await journal.changeOrder(order.id, to: .open, reason: "month", actor: Self.leader)
            }
        }
        foresee()
    }

    /// From the day before the month until the day after it.
    private var window: ProductionWindow? {
        let day: Int64 = 86_400
        return ProductionWindow(
            "\(UTCTime.seconds(calendar.begin / 1000 - day))/\(UTCTime.seconds(calendar.end / 1000 + day))")
    }

    private mutating func makeOrder(_ number: Int) async throws {
        let line = number % lines.count
        let version = "1.\(number / 4).\(number % 4)"
        let share = wish.units / wish.orders + (number < wish.units % wish.orders ? 1 : 0)
        let activation: ActivationMode = [.board, .board, .sample(every: 20), .relay][number % 4]
        let product = lines[line]
        try await journal.addRelease(
            Release(
                profile: product.profile, version: version,
                images: [.init(region: "app", file: "app.bin", size: 612_344, sha256: Self.digest(of: version))],
                sha256: Self.digest(of: version), deviceSDK: "c-4.2.0"), actor: Self.engineer)
        let order = try await journal.createOrder(
            WorkOrder.Terms(
                productKey: product.productKey, release: version, profile: product.profile,
                quota: share + (number.isMultiple(of: 2) ? 0 : share / 50), activation: activation, window: window),
            actor: Self.owner)
        lines[line].orders.append(MonthLine.Order(id: order.id, terms: order.terms, planned: share))
    }

    /// What stands for the SHA-256 of a simulated release.
    static func digest(of version: String) -> String {
        let number = version.utf8.reduce(UInt64(7)) { $0 &* 31 &+ UInt64($1) }
        return String(repeating: MonthText.hex(number &* 0x9E37_79B9_7F4A_7C15, 16), count: 4).lowercased()
    }

    private mutating func foresee() {
        for (number, shift) in calendar.shifts.enumerated() {
            var end = shift.end
            if chance(1000) {
                end += Self.minutes(pick(5...20))
                events.append((shift.end - Self.minutes(2), .extendShift(until: end)))
            }
            events.append((number == 0 ? shift.begin : shift.begin + pick(0...90_000), .beginShift(number)))
            events.append((end, .endShift(number)))
            if chance(wish.shifts < 20 ? 8000 : 3500) {
                events.append((shift.begin + pick(600_000...42_000_000), .crash))
            }
            if chance(wish.shifts < 20 ? 7000 : 2000) {
                let time = shift.begin + pick(600_000...40_000_000)
                outages.append(time..<(time + Self.minutes(pick(3...15))))
            }
        }
        // A shift begins when the one before it has ended.
        for number in calendar.shifts.indices.dropLast() {
            guard let end = events.firstIndex(where: { if case .endShift(number) = $0.event { true } else { false } }),
                let begin = events.firstIndex(where: {
                    if case .beginShift(number + 1) = $0.event { true } else { false }
                })
            else { continue }
            events[begin].time = max(events[begin].time, events[end].time + 1)
        }
        events.sort { $0.time > $1.time }
    }

    mutating func happen(_ event: Event) async throws {
        switch event {
        case .beginShift(let number):
            let next = calendar.shifts[number]
            try await begin(next)
            shift = next
        case .extendShift(let until):
            try await journal.moveShift(
                until: Date(timeIntervalSince1970: Double(until / 1000)), reason: "the last boards", actor: Self.leader)
        case .endShift(let number):
            try await end(calendar.shifts[number])
            shift = nil
        case .crash where slots.allSatisfy { $0.run == nil } && events.count > 1: schedule(.crash, in: 2_000)
        case .crash: crash()
        case .restart: try await restart()
        }
    }

    private func begin(_ shift: MonthCalendar.Shift) async throws {
        func instant(_ time: Int64) -> Date { Date(timeIntervalSince1970: Double(time / 1000)) }
        try await journal.beginShift(
            ShiftPlan(
                date: shift.date, name: shift.name, from: instant(shift.begin), until: instant(shift.end),
                zone: MonthCalendar.zone,
                breaks: [.init(from: instant(shift.pause.lowerBound), until: instant(shift.pause.upperBound))],
                planPerHour: max(1, wish.units / wish.shifts / 11), people: shift.people), actor: Self.actor)
    }

    /// A shift that ends late was moved by the leader before.
    private func end(_ shift: MonthCalendar.Shift) async throws {
        let isLate = now > shift.end
        try await journal.endShift(
            shift.id, by: isLate ? .card : .calendar, note: isLate ? "the last boards" : nil,
            actor: isLate ? Self.leader : Self.actor)
    }

    private mutating func schedule(_ event: Event, in delay: Int64) {
        let time = now + delay
        events.insert((time, event), at: events.firstIndex { $0.time <= time } ?? events.endIndex)
    }

    /// The power goes: what runs is cut off, and the boards are placed again later.
    private mutating func crash() {
        schedule(.restart, in: pick(20_000...90_000))
        for slot in slots.indices {
            slots[slot].next = now + Self.minutes(5)
            guard let run = slots[slot].run else { continue }
            slots[slot].run = nil
            boards[run.board].slot = nil
            if boards[run.board].unit != nil || boards[run.board].isFresh { comeBack(run.board, in: 3...9) }
        }
    }

    private mutating func restart() async throws {
        try await journal.append(
            kind: .stationStarted, actor: Self.actor, body: ["station": "month", "slots": [], "simulated": true])
        try await journal.concludeInterrupted(actor: Self.actor)
        for slot in slots.indices { slots[slot].next = now + pick(2_000...20_000) }
        for board in boards.indices where boards[board].slot == nil && boards[board].state == nil {
            if boards[board].unit != nil { boards[board].state = .claimed }
        }
    }
}
