import Foundation
import Journal

/// The places that stand in the sources, to be compared with those that workflows pass.
struct CrashPlaces: Sendable {
    /// A place as it is written in the sources: text, and `*` for what is put in when it is reached.
    let written: Set<String>

    /// Reads the sources.
    init(sources: String) throws {
        var written: Set<String> = []
        for path in try FileManager.default.subpathsOfDirectory(atPath: sources) where path.hasSuffix(".swift") {
            let text = try String(contentsOfFile: sources + "/" + path, encoding: .utf8)
            for match in text.matches(of: /CutPoint\.reach\("(.*?)"\)/) {
                written.insert(String(match.1).replacing(/\\\([^)]*\)/, with: "*"))
            }
        }
        self.written = written
    }

    /// The places that none of `passed` is.
    func missing(from passed: Set<String>) -> [String] {
        written.filter { place in !passed.contains { Self.fits($0, place) } }.sorted()
    }

    private static func fits(_ name: String, _ place: String) -> Bool {
        let parts = place.split(separator: "*", omittingEmptySubsequences: false).map(String.init)
        guard parts.count > 1 else { return name == place }
        return name.hasPrefix(parts[0]) && name.hasSuffix(parts[parts.count - 1])
            && name.count > parts.reduce(0) { $0 + $1.count }
    }

    /// Kinds of records that no workflow of the matrix writes, and why.
    static let elsewhere: [RecordKind: String] = [
        .firstArticle: "the rule is off on this line, so that boards need no confirmation",
        .shiftBegan: "there is no calendar on this line", .shiftChanged: "there is no calendar on this line",
        .shiftNoted: "there is no calendar on this line", .shiftEnded: "there is no calendar on this line",
        .sampleFailed: "no board fails here", .leakCleared: "the cloud's own list clears it later",
        .labelHeld: "the printer works", .nameDropped: "takes a name that the platform refused",
        .personChanged: "by the page", .personSignedIn: "by the page", .personSignedOff: "by the page",
        .journalBehind: "takes an older copy of the folder",
        .stationMoved: "takes a folder that was moved or copied", .stationCopied: "takes a copy of the station at work",
    ]

    /// The kinds of records that were not written, besides those that are known not to be.
    static func missingKinds(from passed: Set<String>) -> [String] {
        RecordKind.allCases.filter { !passed.contains("journal.\($0.rawValue)") && elsewhere[$0] == nil }.map(
            \.rawValue)
    }
}
