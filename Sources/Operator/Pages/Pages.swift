import Foundation
import HTTPTypes
import Hummingbird
import Mustache
import NIOCore

/// The pages and what belongs to them, read once at the start from `HOME/page`.
struct Pages: Sendable {
    /// One page and its address.
    enum Page: Hashable, Sendable {
        case line, orders, reports, releases, people
        case order(String)
        case unit(String)

        init?(_ path: [String]) {
            switch path {
            case []: self = .line
            case ["orders"]: self = .orders
            case ["reports"]: self = .reports
            case ["releases"]: self = .releases
            case ["people"]: self = .people
            case let path where path.count == 2 && path[0] == "order": self = .order(path[1])
            case let path where path.count == 2 && path[0] == "unit": self = .unit(path[1])
            default: return nil
            }
        }

        /// Its template in `HOME/page`, without `.html`: the pages beside the line share one.
        var template: String { self == .line ? "operator" : "desk" }

        /// The module of `HOME/page/assets` that draws it, without `.js`.
        var module: String {
            switch self {
            case .line: "operator"
            case .orders: "orders"
            case .order: "order"
            case .reports: "reports"
            case .releases: "releases"
            case .people: "people"
            case .unit: "unit"
            }
        }

        var needsSignIn: Bool { self != .line }
        /// The order or unit whose page it is; empty = that of none.
        var name: String {
            switch self {
            case .order(let name), .unit(let name): name
            case .line, .orders, .reports, .releases, .people: ""
            }
        }
    }

    private struct Asset: Sendable {
        let bytes: ByteBuffer
        let type: String
        let tag: String
    }

    private static let templates = ["operator", "desk"]
    private static let types = [
        "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml",
        "json": "application/json", "png": "image/png", "woff2": "font/woff2", "mp3": "audio/mpeg", "ogg": "audio/ogg",
        "wav": "audio/wav", "txt": "text/plain; charset=utf-8",
    ]

    private let library: MustacheLibrary
    private let assets: [String: Asset]
    private let facts: [String: String]

    /// Reads templates and assets. Blocks.
    /// - Throws: ``OperatorError`` naming every template that is missing or cannot be read.
    init(folder: String, station: StationFacts) throws {
        var (library, problems) = (MustacheLibrary(), [String]())
        for name in Self.templates {
            let file = "\(folder)/\(name).html"
            guard let data = FileManager.default.contents(atPath: file) else {
                problems.append("\(file) is missing")
                continue
            }
            do {
                try library.register(String(decoding: data, as: UTF8.self), named: name)
            } catch { problems.append("\(file) is no Mustache template: \(error)") }
        }
        guard problems.isEmpty else {
            throw OperatorError(
                "the operator's page cannot be served: \(problems.joined(separator: "; ")); check --home")
        }
        self.library = library
        assets = Self.readAssets("\(folder)/assets")
        facts = ["station": station.id, "version": station.version, "language": station.language]
    }

    /// A page's HTML.
    func render(_ page: Page) throws -> Answer {
        var values = facts
        values["module"] = page.module
        values["name"] = page.name
        values["title"] = page.name.isEmpty ? "\(facts["station"] ?? "")" : "\(page.name) – \(facts["station"] ?? "")"
        guard let html = library.render(values, withTemplate: page.template) else { throw Problem.nothing }
        return Answer(
            status: .ok, headers: [.contentType: "text/html; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: html)))
    }

    /// A file of `HOME/page/assets`; 304 where the browser has it.
    func asset(_ path: String, _ request: Request) throws -> Answer {
        guard let asset = assets[path] else { throw Problem.nothing }
        let headers: HTTPFields = [.eTag: asset.tag, .cacheControl: "no-cache"]
        if let known = request.headers[.ifNoneMatch], known == "*" || known.contains(asset.tag) {
            return Answer(status: .notModified, headers: headers, body: ResponseBody())
        }
        var full = headers
        full[.contentType] = asset.type
        return Answer(status: .ok, headers: full, body: ResponseBody(byteBuffer: asset.bytes))
    }

    private static func readAssets(_ folder: String) -> [String: Asset] {
        var assets: [String: Asset] = [:]
        for path in FileManager.default.enumerator(atPath: folder)?.compactMap({ $0 as? String }) ?? [] {
            let ending = path.split(separator: ".").last.map { $0.lowercased() } ?? ""
            guard let type = types[ending], let data = FileManager.default.contents(atPath: "\(folder)/\(path)")
            else { continue }
            let text = String(decoding: data, as: UTF8.self)
            assets[path] = Asset(
                bytes: ByteBuffer(bytes: data), type: type, tag: "\"\(RandomText.digest(text).prefix(24))\"")
        }
        return assets
    }
}
