import Crypto
import Foundation
import Mustache

/// The template and style of printed reports, from `HOME/report`.
public struct ReportSheet: Sendable {
    private let library: MustacheLibrary
    private let style: String

    /// What a browser lets the sheet do: its own style, and nothing from anywhere. Serve it with this policy.
    public let contentSecurityPolicy: String

    /// Reads `report.html` and `report.css`. Blocks.
    /// - Parameter home: the station's home folder.
    /// - Throws: ``ReportSheetError`` naming the file that is missing or no template.
    public init(home: String) throws {
        func read(_ name: String) throws -> String {
            let file = "\(home)/report/\(name)"
            guard let data = FileManager.default.contents(atPath: file) else {
                throw ReportSheetError("\(file) is missing; check --home")
            }
            return String(decoding: data, as: UTF8.self)
        }
        style = try read("report.css")
        var library = MustacheLibrary()
        do {
            try library.register(try read("report.html"), named: "report")
        } catch let error where !(error is ReportSheetError) {
            throw ReportSheetError("\(home)/report/report.html is no Mustache template: \(error)")
        }
        self.library = library
        let digest = Data(SHA256.hash(data: Data(style.utf8))).base64EncodedString()
        contentSecurityPolicy =
            "default-src 'none'; style-src 'sha256-\(digest)'; base-uri 'none'; form-action 'none'"
    }

    /// The report as one HTML file that needs nothing else.
    public func html(_ report: Report, language: Report.Language) throws -> String {
        var values = ReportPage(report, language: language).values
        values["style"] = style
        values["policy"] = contentSecurityPolicy
        guard let html = library.render(values, withTemplate: "report") else {
            throw ReportSheetError("the report's template could not be rendered")
        }
        return Markup.cleaned(html)
    }
}

/// Why a report cannot be printed.
public struct ReportSheetError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}

extension Report {
    /// The report as one HTML file for A4 and screens, with style and drawings in it. Reads the template; blocks.
    /// - Parameter home: the station's home folder.
    public func html(language: Language, home: String) throws -> String {
        try ReportSheet(home: home).html(self, language: language)
    }
}
