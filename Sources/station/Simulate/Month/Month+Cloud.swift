import Foundation
import Journal
import Provisioning

/// What the simulated cloud lists at the month's end, with differences planted that reconciliation has to find.
extension Month {
    /// A difference, and the class that it has to come out as.
    enum Difference: String, CaseIterable {
        case leak = "active-not-ours"
        case twin = "one-name-two-boards"
        case clientIDs = "duplicate-client-ids"
        case early = "active-before-flash"
        case late = "active-outside-window"
        case secret = "reset-without-record"
        case deleted = "deleted-in-cloud"
        case inactive = "passed-not-active"
        case active = "active-not-passed"
        case ghost = "registered-never-flashed"
    }

    /// Writes one device a line, as reconciliation's own files carry them, and `FILE.planted`: the names that were tampered
    /// with, one a line, each with its order and its class.
    func writeCloud(to file: String) throws {
        var planted: [Int: Difference] = [:]
        var (lines, notes): ([String], [String]) = ([], [])
        for order in self.lines.flatMap(\.orders) {
            let own = boards.indices.filter { boards[$0].order == order.id && boards[$0].device != nil }
            var passed = own.filter { boards[$0].state == .passed }.reversed()[...]
            var failed = own.filter { boards[$0].state == .failed }[...]
            for difference in Difference.allCases where difference != .leak && difference != .ghost {
                let board = difference == .active ? failed.popFirst() : passed.popFirst()
                guard let board else { continue }
                planted[board] = difference
                notes.append(note(MonthText.hex(boards[board].mac, 12), order.id, difference))
            }
        }
        for (number, board) in boards.enumerated() {
            guard let device = board.device else { continue }
            lines += self.lines(board, device, planted[number])
        }
        for (number, line) in self.lines.enumerated() {
            for difference in [Difference.leak, .ghost] {
                let name = "STRANGER-\(number)-\(difference == .leak ? "A" : "B")"
                let isActive = difference == .leak
                lines.append(
                    json(
                        line.productKey, name, "stranger\(number)\(isActive)", isActive ? "OFFLINE" : "UNACTIVE",
                        created: calendar.begin, activated: isActive ? calendar.end : nil, secret: nil))
                notes.append(note(name, nil, difference))
            }
        }
        try lines.joined(separator: "\n").appending("\n").write(toFile: file, atomically: true, encoding: .utf8)
        try notes.joined(separator: "\n").appending("\n").write(
            toFile: file + ".planted", atomically: true, encoding: .utf8)
    }

    private func lines(_ board: MonthBoard, _ device: MonthBoard.Device, _ difference: Difference?) -> [String] {
        if difference == .deleted { return [] }
        let (product, name) = (self.lines[board.line].productKey, MonthText.hex(board.mac, 12))
        var (activated, secret) = (device.activated, board.digest(device))
        var clientIDs: [String]?
        switch difference {
        case .early: activated = device.created - 86_400_000
        case .late: activated = calendar.end + 40 * 86_400_000
        case .secret: secret = "changed"
        case .inactive: activated = nil
        case .active: activated = device.created + 600_000
        case .clientIDs: clientIDs = (1...20).map { "client-\($0)" }
        case .leak, .twin, .deleted, .ghost, nil: break
        }
        let own = json(
            product, name, device.iotID, activated == nil ? "UNACTIVE" : "OFFLINE", created: device.created,
            activated: activated, secret: secret, clientIDs: clientIDs)
        guard difference == .twin else { return [own] }
        return [
            own,
            json(
                product, name.lowercased(), device.iotID + "twin", "OFFLINE", created: device.created,
                activated: device.activated, secret: nil),
        ]
    }

    private func json(
        _ product: String, _ name: String, _ iotID: String, _ state: String, created: Int64, activated: Int64?,
        secret: String?, clientIDs: [String]? = nil
    ) -> String {
        let row: JSONValue = [
            "product_key": .string(product), "device_name": .string(name), "iot_id": .string(iotID),
            "state": .string(state), "created_at": .string(UTCTime.text(created)),
            "activated_at": .init(activated.map(UTCTime.text)), "secret_digest": .init(secret),
            "client_ids": clientIDs.map { .array($0.map(JSONValue.string)) } ?? .null, "absent": false,
        ]
        return row.text
    }

    private func note(_ name: String, _ order: String?, _ difference: Difference) -> String {
        let note: JSONValue = [
            "device_name": .string(name), "order": .init(order), "class": .string(difference.rawValue),
        ]
        return note.text
    }
}
