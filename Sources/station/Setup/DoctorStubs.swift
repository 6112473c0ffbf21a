import Bench
import BoardProtocols
import Foundation
import Provisioning

/// The doctor's look at Espressif's loader stubs: one for each chip the slots' profiles name.
struct DoctorStubs {
    let configuration: StationConfiguration
    let profiles: [String: BoardProfile]

    func examine(into report: inout DoctorReport) {
        let chips = Set(configuration.slots.compactMap { profiles[$0.profile]?.chip })
        for chip in EspressifChip.all where chips.contains(chip.stubName) { report.findings.append(finding(chip)) }
    }

    private func finding(_ chip: EspressifChip) -> DoctorFinding {
        let check = "stub \(chip.stubName)"
        let expected = "esptool's \(chip.stubName).json in [flash.espressif] stub_directory"
        let next =
            "name the targets/stub_flasher/2 of an installed esptool; the ROM's loader takes 2 to 3 times as long"
        guard let directory = configuration.stubDirectory else {
            return .warning(check, expected: expected, seen: "no stub_directory: the ROM's loader is used", next: next)
        }
        do {
            guard let stub = try EspressifStub(directory: directory, chip: chip) else {
                return .warning(
                    check, expected: expected,
                    seen: "\(directory) has no \(chip.stubName).json: the ROM's loader is used",
                    next: next)
            }
            return .ok(check, expected: expected, seen: "SHA-256 \(stub.sha256)")
        } catch {
            return .problem(check, expected: expected, seen: error.sentence, next: "install esptool again")
        }
    }
}
