import Foundation

/// What a sheet is drawn with, from `HOME/cards`: the style, and a picture for each command, order and badge.
struct CardArt: Sendable {
    /// The text of `sheet.css`.
    let style: String
    /// `svg` elements by name.
    let pictures: [String: String]

    /// What is missing.
    struct Missing: Error, Equatable, Sendable, CustomStringConvertible {
        let description: String
    }

    /// - Parameter folder: `HOME/cards`.
    init(folder: String, pictures names: [String]) throws(Missing) {
        style = try Self.text(folder + "/sheet.css")
        var found: [String: String] = [:]
        for name in names { found[name] = try Self.text("\(folder)/pictures/\(name).svg") }
        pictures = found
    }

    private static func text(_ file: String) throws(Missing) -> String {
        do { return try String(contentsOfFile: file, encoding: .utf8) } catch {
            throw Missing(
                description: "\(file) cannot be read: \((error as NSError).localizedDescription); it belongs to the "
                    + "station's home, which --home names")
        }
    }
}
