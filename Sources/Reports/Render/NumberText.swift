/// How numbers are written for people.
enum NumberText {
    /// `200,000`.
    static func whole(_ number: Int) -> String {
        let digits = String(abs(number))
        var out = ""
        for (place, digit) in digits.enumerated() {
            if place > 0, (digits.count - place).isMultiple(of: 3) { out += "," }
            out.append(digit)
        }
        return (number < 0 ? "-" : "") + out
    }

    /// `–` where there is none.
    static func whole(_ number: Int?) -> String { number.map { whole($0) } ?? "–" }

    /// Hundredths of a percent as `98.25 %`; `–` where there is none.
    static func percent(_ basisPoints: Int?) -> String { basisPoints.map { decimal($0) + " %" } ?? "–" }

    /// Hundredths as `98.25`.
    static func decimal(_ hundredths: Int) -> String {
        let rest = String(abs(hundredths) % 100)
        return (hundredths < 0 ? "-" : "") + String(abs(hundredths) / 100) + "." + (rest.count == 1 ? "0" + rest : rest)
    }

    /// Milliseconds as seconds: `0.04`, `12.3`, `145`; `–` where there is none.
    static func seconds(_ milliseconds: Int?) -> String {
        guard let milliseconds else { return "–" }
        if milliseconds >= 100_000 { return whole((milliseconds + 500) / 1000) }
        if milliseconds >= 10_000 || milliseconds.isMultiple(of: 100) {
            let tenths = (milliseconds + 50) / 100
            return "\(tenths / 10).\(tenths % 10)"
        }
        return decimal((milliseconds + 5) / 10)
    }
}
