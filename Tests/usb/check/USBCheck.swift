import Bench
import Foundation

/// Checks the station's USB against the simulated boards of `usb-board`:
///
///     STATION_USB_BOARD=1 swift build
///     umockdev-wrapper .build/debug/usb-board --control SOCKET -- .build/debug/usb-check SECTION...
///
/// Prints one line a check. Ends with 0 where all hold, 1 where one does not, 64 where it was called wrongly.
@main
enum USBCheck {
    static func main() async {
        let names = CommandLine.arguments.dropFirst()
        let sections = names.compactMap(Section.init(rawValue:))
        let ledger = Ledger()
        guard !sections.isEmpty, sections.count == names.count else {
            ledger.say("usage: usb-check " + Section.allCases.map(\.rawValue).joined(separator: "|") + "...")
            exit(64)
        }
        let folder = FileManager.default.temporaryDirectory.path + "/usb-check-\(getpid())"
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let bed = CheckBed(bus: try USBBus(), control: try BoardControl(), folder: folder, ledger: ledger)
            for section in sections { try await section.run(bed) }
        } catch {
            ledger.check(false, "the checks go through: \(error)")
        }
        try? FileManager.default.removeItem(atPath: folder)
        ledger.say(ledger.failures == 0 ? "all checks hold" : "\(ledger.failures) checks do not hold")
        exit(ledger.failures == 0 ? 0 : 1)
    }
}
