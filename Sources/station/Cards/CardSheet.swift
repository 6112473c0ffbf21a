import Provisioning

/// Cards as one HTML file for A4 paper: ten a page, each kind on pages of its own, with marks to cut along.
///
/// The file needs nothing else: style, pictures and barcodes stand in it.
struct CardSheet: Sendable {
    enum Language: String, CaseIterable, Sendable {
        case zh, en
    }

    /// Cards are 90 by 54 mm, two by five on a page.
    static let cardsPerPage = 10
    /// The side that a matrix has at most, and the width bars have at most, in millimetres.
    private static let (matrixSide, barsWidth) = (24.0, 82.0)
    /// The widest and the narrowest module of bars, in millimetres; where the narrowest does not fit there are no bars.
    private static let barModule = 0.25...0.4

    let station: String
    let cards: [Card]
    let art: CardArt
    /// Which language is written large.
    let language: Language
    /// Stands in the foot of each page.
    let date: String

    /// - Throws: ``Barcode/Refusal`` for a text that no barcode takes.
    func html() throws(Barcode.Refusal) -> String {
        var pages: [String] = []
        for kind in Card.Kind.allCases {
            let those = cards.filter { $0.kind == kind }
            for start in stride(from: 0, to: those.count, by: Self.cardsPerPage) {
                var items: [String] = []
                for card in those[start...].prefix(Self.cardsPerPage) { items.append(try html(card)) }
                pages.append(page(kind, items))
            }
        }
        let numbered = pages.enumerated().map { index, page in
            page
                + "<footer>\(Self.escaped(station)) · \(Self.escaped(date)) · \(index + 1)/\(pages.count)</footer></section>\n"
        }
        return """
            <!doctype html>
            <html lang="\(language == .zh ? "zh-CN" : "en")">
            <head>
            <meta charset="utf-8">
            <title>\(Self.escaped(station))</title>
            <style>
            \(art.style)</style>
            </head>
            <body>
            \(numbered.joined())</body>
            </html>

            """
    }

    private func page(_ kind: Card.Kind, _ items: [String]) -> String {
        let heading: Card.Words =
            switch kind {
            case .command: Card.Words(zh: "指令卡", en: "Command cards")
            case .slot: Card.Words(zh: "工位标签", en: "Slot labels")
            case .order: Card.Words(zh: "工单卡", en: "Work orders")
            case .badge: Card.Words(zh: "工牌（凭证，勿外传）", en: "Badges (credentials: keep them safe)")
            }
        return "<section class=\"page\"><h1>\(both(heading))</h1><div class=\"cards\">\n\(items.joined())</div>"
    }

    private func html(_ card: Card) throws(Barcode.Refusal) -> String {
        let matrix = try Barcode(card.text.text, as: .dataMatrix)
        let bars = try card.hasBars ? bars(card.text.text) : ""
        let readable = card.showsText ? "<code>\(Self.escaped(card.text.text))</code>" : ""
        let picture = card.picture.flatMap { art.pictures[$0] } ?? ""
        let size = Self.size(of: card.title.zh)
        return """
            <article class="card \(card.kind.rawValue)">\(Self.marks)
            <div class="code">\(matrix.svg(module: min(1, Self.matrixSide / matrix.width)))</div>
            <div class="words"><div class="picture">\(picture)</div><h2 class="\(size)">\(both(card.title))</h2>
            <p>\(both(card.sentence))</p></div>
            <div class="line">\(bars)\(readable)</div>
            </article>

            """
    }

    /// Code 128, as wide as it may be; empty where it would be finer than old scanners read.
    private func bars(_ text: String) throws(Barcode.Refusal) -> String {
        let barcode = try Barcode(text, as: .code128)
        let module = min(Self.barModule.upperBound, Self.barsWidth / barcode.width)
        return module < Self.barModule.lowerBound ? "" : barcode.svg(module: module, barHeight: 11)
    }

    /// Both languages, the sheet's first; once where they say the same.
    private func both(_ words: Card.Words) -> String {
        let (first, second) = language == .zh ? (words.zh, words.en) : (words.en, words.zh)
        let codes = language == .zh ? ("zh-CN", "en") : ("en", "zh-CN")
        let large = "<span lang=\"\(codes.0)\">\(Self.escaped(first))</span>"
        return first == second ? large : large + "<small lang=\"\(codes.1)\">\(Self.escaped(second))</small>"
    }

    /// How large a title may be written; the style knows the classes.
    private static func size(of title: String) -> String {
        // A Chinese character is as wide as two Latin ones.
        let width = title.reduce(0) { $0 + ($1.isASCII ? 1 : 2) }
        return width <= 4 ? "huge" : width <= 10 ? "large" : width <= 18 ? "medium" : "small"
    }

    /// Corner marks, 4 mm long, on the card's edges.
    private static let marks =
        "<svg class=\"marks\" viewBox=\"0 0 90 54\" aria-hidden=\"true\"><path d=\"M0 4V0H4M86 0H90V4M90 50V54H86M4 54H0V50\"/></svg>"

    /// `text` where HTML is expected.
    static func escaped(_ text: String) -> String {
        text.reduce(into: "") { all, character in
            switch character {
            case "&": all += "&amp;"
            case "<": all += "&lt;"
            case ">": all += "&gt;"
            case "\"": all += "&quot;"
            case "'": all += "&#39;"
            default: all.append(character)
            }
        }
    }
}
