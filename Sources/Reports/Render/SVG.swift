/// A drawing as SVG markup, in CSS pixels. What it looks like is said by classes of the report's style; nothing is loaded and no
/// style stands in an attribute, so that a strict content security policy lets it through.
struct SVG: Sendable {
    let width, height: Double
    /// What the drawing shows, for those who hear the page.
    let title: String
    private var body = ""

    init(width: Double, height: Double, title: String) {
        (self.width, self.height, self.title) = (width, height, title)
    }

    enum Anchor: String { case start, middle, end }

    mutating func rectangle(x: Double, y: Double, width: Double, height: Double, _ style: String) {
        guard width > 0, height > 0 else { return }
        body +=
            "<rect class=\"\(style)\" x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" width=\"\(Self.number(width))\" "
            + "height=\"\(Self.number(height))\"/>"
    }

    mutating func line(from start: (x: Double, y: Double), to end: (x: Double, y: Double), _ style: String) {
        body +=
            "<line class=\"\(style)\" x1=\"\(Self.number(start.x))\" y1=\"\(Self.number(start.y))\" "
            + "x2=\"\(Self.number(end.x))\" y2=\"\(Self.number(end.y))\"/>"
    }

    mutating func path(_ points: [(x: Double, y: Double)], _ style: String) {
        let text = points.map { "\(Self.number($0.x)),\(Self.number($0.y))" }.joined(separator: " ")
        body += "<polyline class=\"\(style)\" points=\"\(text)\"/>"
    }

    mutating func dot(x: Double, y: Double, _ style: String) {
        body += "<circle class=\"\(style)\" cx=\"\(Self.number(x))\" cy=\"\(Self.number(y))\" r=\"2.5\"/>"
    }

    mutating func text(_ text: String, x: Double, y: Double, _ style: String = "label", _ anchor: Anchor = .middle) {
        body +=
            "<text class=\"\(style)\" x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" text-anchor=\"\(anchor.rawValue)\">"
            + "\(Markup.escaped(text))</text>"
    }

    /// The number a bar stands for: inside it, at its top, or above one that is too short.
    mutating func value(_ number: Int, onBar tall: Double, x: Double, floor: Double) {
        let isInside = tall >= 16
        text(
            NumberText.whole(number), x: x, y: floor - tall + (isInside ? 12 : -4), isInside ? "value inside" : "value")
    }

    var markup: String {
        let size = "\(Self.number(width)) \(Self.number(height))"
        return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(size)\" role=\"img\" "
            + "aria-label=\"\(Markup.escaped(title))\">\(body)</svg>"
    }

    /// With one digit behind the point, or none.
    static func number(_ value: Double) -> String {
        guard value.isFinite else { return "0" }
        let tenths = Int((value * 10).rounded())
        let (whole, rest) = abs(tenths).quotientAndRemainder(dividingBy: 10)
        return (tenths < 0 ? "-" : "") + String(whole) + (rest == 0 ? "" : ".\(rest)")
    }
}

/// Text where markup is expected.
enum Markup {
    /// `text` for HTML and XML, in elements and attributes.
    static func escaped(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "'": out += "&#39;"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }

    /// `markup` with characters that XML does not allow, and control characters, replaced.
    static func cleaned(_ markup: String) -> String {
        var out = String.UnicodeScalarView()
        for scalar in markup.unicodeScalars {
            switch scalar {
            case "\t", "\n", "\r": out.append(scalar)
            case "\u{0}"..<"\u{20}", "\u{7F}"..<"\u{A0}", "\u{FFFE}", "\u{FFFF}": out.append("\u{FFFD}")
            default: out.append(scalar)
            }
        }
        return String(out)
    }
}
