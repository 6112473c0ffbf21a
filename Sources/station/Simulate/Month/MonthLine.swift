import Provisioning

/// One line of the simulated plant: its product and profile, its orders one after another, its slots, and the boards that
/// wait to be placed again.
struct MonthLine: Sendable {
    /// An order of the line.
    struct Order: Sendable {
        let id: String
        let terms: WorkOrder.Terms
        /// New boards that are made for it.
        let planned: Int
        /// Boards that were taken for it, and of them those that were claimed.
        var created = 0
        var made = 0
        /// Whether a failed sample has set it to 100 %.
        var activatesAll = false
    }

    let index: Int
    let profile: String
    let productKey: String
    var orders: [Order] = []
    /// The order that works; its count when all are made.
    var current = 0
    /// Boards that are placed again, in the order in which they came back.
    var returns: [Int] = []
    /// Some of the good boards, for mistakes and workflows.
    var good: [Int] = []
    /// Until when the leader holds the order; 0 = it is open.
    var heldUntil: Int64 = 0

    var order: Order? { current < orders.count ? orders[current] : nil }
    var planned: Int { orders.reduce(0) { $0 + $1.planned } }
    var created: Int { orders.reduce(0) { $0 + $1.created } }
    var made: Int { orders.reduce(0) { $0 + $1.made } }

    /// Keeps a good board in mind, in place of an older one.
    mutating func remember(_ board: Int, _ random: inout DemoRandom) {
        if good.count < 400 { good.append(board) } else { good[Int.random(in: 0..<400, using: &random)] = board }
    }

    /// The first board that may be placed again now.
    mutating func takeReturn(at time: Int64, _ boards: [MonthBoard]) -> Int? {
        guard let place = returns.firstIndex(where: { boards[$0].ready <= time && boards[$0].slot == nil }) else {
            return nil
        }
        return returns.remove(at: place)
    }
}
