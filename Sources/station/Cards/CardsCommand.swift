import ArgumentParser
import Foundation
import Journal
import Provisioning

/// `station cards`: what a line is worked with by scanner alone, to print.
struct CardsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cards",
        abstract: "Prints command cards, slot labels, work order cards and badges as one HTML sheet for A4.",
        discussion: """
            Command cards and slot labels are always on it. Each card carries a DataMatrix, command and slot cards a \
            Code 128 beside it. Print at 100 %, without scaling, and cut along the corner marks.

            Badges: one person a line in FILE, NAME or NAME,BADGE; a badge that is not given is made of 128 random bits and \
            stands on the sheet alone: scan it there when the person is entered. A badge is a credential: it needs --out, \
            and the sheet is readable by its owner alone.

              station cards --config station.toml --out cards.html
              station cards --config station.toml --orders --badges people.txt --out shift.html
            """)

    @Option(help: ArgumentHelp("The station's configuration.", valueName: "station.toml")) var config: String
    @Option(
        help: ArgumentHelp(
            "The station's home; default: Station/ of the checkout, or the installed one.", valueName: "dir"))
    var home: String?
    @Flag(help: "Cards of the open work orders, too.") var orders = false
    @Option(help: ArgumentHelp("Badges for the people in a file; /dev/stdin is one.", valueName: "file"))
    var badges: String?
    @Option(help: "Which language is written large: zh or en.") var language = CardSheet.Language.zh
    @Option(help: ArgumentHelp("A new file to write, instead of standard output.", valueName: "file"))
    var out: String?

    func validate() throws {
        guard badges == nil || out != nil else {
            throw ValidationError("badges are credentials: name a new file for the sheet with --out FILE")
        }
    }

    func run() async throws {
        let station = try StationConfiguration.load(config)
        let cards = try await cards(station)
        let art = try CardArt(
            folder: StationHome.locate(explicit: home).cardsFolder, pictures: Set(cards.compactMap(\.picture)).sorted())
        let html = try CardSheet(
            station: station.id, cards: cards, art: art, language: language, date: Self.today()
        ).html()
        guard let out else { return print(html, terminator: "") }
        try Self.write(html, to: out)
        note("\(out): \(cards.count) cards; print at 100 % on A4")
    }

    private func cards(_ station: StationConfiguration) async throws -> [Card] {
        var cards = CardText.Command.allCases.map(Card.command) + station.slots.map { .slot($0.name) }
        if orders {
            let open = try await Journal(folder: station.dataFolder, access: .readOnly).orders()
                .filter { $0.state == .open }
            if open.isEmpty { note("there is no open order: the sheet has no order card") }
            cards += open.map(Card.order)
        }
        if let badges {
            let list = try String(contentsOfFile: badges, encoding: .utf8)
            do { cards += try BadgeList(list).badges.map(Card.badge) } catch {
                throw ValidationError("\(badges):\n\(error)")
            }
        }
        return cards
    }

    /// A new file, readable by its owner alone: a sheet that is there may hold badges that stand nowhere else.
    private static func write(_ text: String, to file: String) throws {
        let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let reason = errno == EEXIST ? "it is there already; name a new file" : String(cString: strerror(errno))
            throw ValidationError("\(file) was not written: \(reason)")
        }
        try FileHandle(fileDescriptor: descriptor, closeOnDealloc: true).write(contentsOf: Data(text.utf8))
    }

    private static func today() -> String { Date.now.formatted(.iso8601.year().month().day()) }
}

extension CardSheet.Language: ExpressibleByArgument {}
