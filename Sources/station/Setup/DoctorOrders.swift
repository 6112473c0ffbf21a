import Execution
import Provisioning

/// The doctor's look at the orders that are not closed: do slots, profile and release fit?
struct DoctorOrders {
    let orders: [WorkOrder]
    let configuration: StationConfiguration
    let profiles: [String: BoardProfile]

    func examine(into report: inout DoctorReport) {
        let used = Set(configuration.slots.map(\.profile))
        for order in orders {
            report.findings.append(finding(order, used: used))
        }
        guard !orders.contains(where: \.isWorking) else { return }
        report.findings.append(
            .warning(
                "orders", expected: "an open order for the slots' boards",
                seen: orders.isEmpty ? "no order" : "\(orders.count) orders, none open",
                next: orders.isEmpty
                    ? "station release add, then station order create and open" : "station order open \(orders[0].id)"))
    }

    private func finding(_ order: WorkOrder, used: Set<String>) -> DoctorFinding {
        let check = "order \(order.id)"
        let expected = "slots for its boards and its release's files"
        guard profiles[order.profile] != nil, used.contains(order.profile) else {
            let verdict: (String, String, String, String) -> DoctorFinding = {
                order.isWorking
                    ? .problem($0, expected: $1, seen: $2, next: $3) : .warning($0, expected: $1, seen: $2, next: $3)
            }
            return verdict(
                check, expected, "no slot has board profile \(order.profile)",
                "give a slot that profile, or close the order")
        }
        let state = order.state.rawValue + (order.holdCode.map { " (\($0))" } ?? "")
        let seen = "\(state), \(order.left) of \(order.quota) left, release \(order.release)"
        guard order.left > 0 else {
            return .warning(
                check, expected: "quota left", seen: seen, next: "station batch close \(order.id), and open the next")
        }
        return .ok(check, expected: expected, seen: seen)
    }
}
