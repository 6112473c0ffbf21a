/// A value axis from 0 to a round number, with at most five marks.
struct Scale: Sendable {
    /// The round number at its end, at least 1.
    let top: Int
    let step: Int

    init(upTo largest: Int) {
        let wanted = max(1, largest)
        var (step, factors) = (1, [2, 5, 10])
        var power = 1
        while step * 4 < wanted {
            step = power * factors.removeFirst()
            if factors.isEmpty { (power, factors) = (power * 10, [2, 5, 10]) }
        }
        self.step = step
        top = (wanted + step - 1) / step * step
    }

    /// Its marks, 0 and the top included.
    var marks: [Int] { Array(stride(from: 0, through: top, by: step)) }

    /// How far along the axis a value lies, 0 to 1.
    func share(_ value: Int) -> Double { min(1, Double(value) / Double(top)) }
}
