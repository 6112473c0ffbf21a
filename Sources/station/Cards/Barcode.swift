import CZint

/// One barcode as rectangles, drawn by libzint.
///
/// The only place where libzint is called; each call makes, uses and frees a symbol of its own, so any thread may make
/// barcodes at any time. Lengths are in modules: one is the narrowest bar, or the side of a matrix cell.
struct Barcode: Equatable, Sendable {
    enum Symbology: Sendable {
        /// ECC 200, square (ISO/IEC 16022).
        case dataMatrix
        /// ISO/IEC 15417; for scanners that read lines alone.
        case code128
    }

    /// A dark bar or cell.
    struct Rectangle: Equatable, Sendable {
        let x, y, width, height: Double
    }

    /// Why there is no barcode of a text.
    struct Refusal: Error, Equatable, Sendable, CustomStringConvertible {
        let description: String
    }

    let symbology: Symbology
    /// With the quiet zones on both sides.
    let width: Double
    /// With the quiet zones of a matrix; 1 for bars, which are as high as they are drawn.
    let height: Double
    let rectangles: [Rectangle]

    /// - Parameter text: 1 to 80 printable ASCII characters: what every scanner's keyboard layout can type.
    init(_ text: String, as symbology: Symbology) throws(Refusal) {
        let bytes = Array(text.utf8)
        guard (1...80).contains(bytes.count), bytes.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw Refusal(
                description: "a barcode takes 1 to 80 printable ASCII characters; received \(text.count) characters, "
                    + "\(bytes.filter { !(0x20...0x7E).contains($0) }.count) bytes of them others")
        }
        guard let symbol = ZBarcode_Create() else { throw Refusal(description: "libzint gave no memory for a barcode") }
        defer { ZBarcode_Delete(symbol) }
        symbol.pointee.show_hrt = 0
        symbol.pointee.output_options |= BARCODE_QUIET_ZONES
        // libzint draws a module two units wide.
        symbol.pointee.scale = 0.5
        switch symbology {
        case .dataMatrix:
            symbol.pointee.symbology = BARCODE_DATAMATRIX
            symbol.pointee.option_3 = DM_SQUARE
        case .code128:
            symbol.pointee.symbology = BARCODE_CODE128
            symbol.pointee.height = 1
        }
        let status = ZBarcode_Encode(symbol, bytes, Int32(bytes.count))
        guard status < ZINT_ERROR, ZBarcode_Buffer_Vector(symbol, 0) < ZINT_ERROR, let vector = symbol.pointee.vector
        else { throw Refusal(description: "libzint refused a barcode with status \(status)") }
        var found: [Rectangle] = []
        var next = vector.pointee.rectangles
        while let rectangle = next?.pointee {
            found.append(
                Rectangle(
                    x: Double(rectangle.x), y: Double(rectangle.y), width: Double(rectangle.width),
                    height: Double(rectangle.height)))
            next = rectangle.next
        }
        self.symbology = symbology
        (width, height, rectangles) = (Double(vector.pointee.width), Double(vector.pointee.height), found)
    }

    /// As an `svg` element of a page.
    /// - Parameters:
    ///   - module: millimetres of one module.
    ///   - barHeight: millimetres that bars are high; a matrix has its own height.
    func svg(module: Double, barHeight: Double = 0) -> String {
        let isMatrix = symbology == .dataMatrix
        func number(_ value: Double) -> String { value == value.rounded() ? "\(Int(value))" : "\(value)" }
        func millimetres(_ value: Double) -> String { number((value * 1000).rounded() / 1000) + "mm" }
        let path = rectangles.map {
            "M\(number($0.x)) \(number($0.y))h\(number($0.width))v\(number($0.height))h-\(number($0.width))z"
        }.joined()
        return "<svg class=\"\(isMatrix ? "matrix" : "bars")\" width=\"\(millimetres(width * module))\" "
            + "height=\"\(millimetres(isMatrix ? height * module : barHeight))\" "
            + "viewBox=\"0 0 \(number(width)) \(number(height))\" preserveAspectRatio=\"none\" "
            + "shape-rendering=\"crispEdges\" aria-hidden=\"true\"><path d=\"\(path)\"/></svg>"
    }
}
