/// Slots side by side: good, failed, held and interrupted runs of each.
struct SlotChart: Sendable {
    let slots: [SlotFigures]

    private static let width = 360.0
    private static let (left, right, row) = (56.0, 34.0, 18.0)
    private static let (top, bottom) = (6.0, 20.0)

    /// More slots than these stand in the table alone.
    static let mostSlots = 32

    init(_ slots: [SlotFigures]) { self.slots = Array(slots.prefix(Self.mostSlots)) }

    func svg(title: String) -> SVG {
        let height = Self.top + Self.bottom + Self.row * Double(max(1, slots.count))
        var drawing = SVG(width: Self.width, height: height, title: title)
        let scale = Scale(upTo: slots.map(\.runs).max() ?? 0)
        let (room, floor) = (Self.width - Self.left - Self.right, height - Self.bottom)
        for mark in scale.marks {
            let x = Self.left + scale.share(mark) * room
            drawing.line(from: (x, Self.top), to: (x, floor), mark == 0 ? "axis" : "grid")
            drawing.text(NumberText.whole(mark), x: x, y: floor + 13, "mark")
        }
        for (place, slot) in slots.enumerated() {
            let y = Self.top + Self.row * Double(place) + 3
            drawing.text(Self.short(slot.slot), x: Self.left - 6, y: y + 9.5, "name", .end)
            var x = Self.left
            for (count, style) in [
                (slot.good, "good"), (slot.failed, "bad"), (slot.held, "held"), (slot.interrupted, "cut"),
            ] {
                let wide = scale.share(count) * room
                drawing.rectangle(x: x, y: y, width: wide, height: Self.row - 6, style)
                x += wide
            }
            drawing.text(NumberText.whole(slot.runs), x: x + 5, y: y + 9.5, "value", .start)
        }
        return drawing
    }

    /// What fits before the bars; the end of a name tells slots apart.
    private static func short(_ name: String) -> String {
        name.count <= 9 ? name : name.prefix(3) + "…" + name.suffix(5)
    }
}
