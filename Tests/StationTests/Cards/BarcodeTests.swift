import Testing

@testable import station

@Suite("barcodes by libzint")
struct BarcodeTests {
    @Test("a DataMatrix is square, in whole modules, with one module of quiet zone around")
    func matrix() throws {
        let barcode = try Barcode("PS1:CMD:END-SHIFT", as: .dataMatrix)
        #expect(barcode.width == 20 && barcode.height == 20)
        #expect(barcode.rectangles.count > 50)
        for cell in barcode.rectangles {
            #expect(cell.x >= 1 && cell.y >= 1 && cell.x + cell.width <= 19 && cell.y + cell.height <= 19)
            #expect(cell.x == cell.x.rounded() && cell.width == cell.width.rounded())
        }
    }

    @Test("Code 128 has ten modules of quiet zone at both ends")
    func bars() throws {
        let barcode = try Barcode("PS1:SLOT:1", as: .code128)
        // Start, ten characters, check, stop (13), and the quiet zones (ISO/IEC 15417).
        #expect(barcode.width == 11 * 12 + 13 + 20 && barcode.height == 1)
        #expect(barcode.rectangles.map(\.x).min() == 10)
        #expect(barcode.rectangles.map { $0.x + $0.width }.max() == barcode.width - 10)
    }

    @Test("the svg has its size in millimetres and nothing but the one path")
    func svg() throws {
        let svg = try Barcode("PS1:CMD:OK", as: .dataMatrix).svg(module: 0.5)
        #expect(svg.hasPrefix("<svg class=\"matrix\" width=\"9mm\" height=\"9mm\" viewBox=\"0 0 18 18\""))
        #expect(svg.hasSuffix("z\"/></svg>"))
        #expect(try Barcode("1", as: .code128).svg(module: 0.25, barHeight: 11).contains("height=\"11mm\""))
    }

    @Test(
        "a text that no scanner types alike is refused, and not repeated",
        arguments: ["", "工位", "a\tb", String(repeating: "x", count: 81)])
    func refused(text: String) {
        let refusal = #expect(throws: Barcode.Refusal.self) { try Barcode(text, as: .dataMatrix) }
        #expect(refusal?.description.contains("1 to 80 printable ASCII characters") == true)
        if !text.isEmpty { #expect(refusal?.description.contains(text) == false) }
    }
}
