import Foundation
import Provisioning

/// The doctor's look at what people have written: the configuration and the board profiles.
struct DoctorSetup {
    let file: String
    let home: String?

    /// The configuration, nil if it cannot be used, and the profiles that can.
    func examine(into report: inout DoctorReport) -> (StationConfiguration?, [String: BoardProfile]) {
        let configuration = readConfiguration(into: &report)
        let profiles = readProfiles(used: configuration?.slots.map(\.profile) ?? [], into: &report)
        return (configuration, profiles)
    }

    private func readConfiguration(into report: inout DoctorReport) -> StationConfiguration? {
        do {
            let configuration = try StationConfiguration.load(file)
            report.findings.append(
                .ok(
                    "configuration", expected: "no problem",
                    seen: "station \(configuration.id), \(configuration.slots.count) slots"))
            DoctorInstance(cloud: configuration.cloud).examine(into: &report)
            return configuration
        } catch {
            for problem in error.problems {
                report.findings.append(
                    .problem(
                        "configuration", expected: "a configuration without problems", seen: problem.description,
                        next: "correct it in \(error.file) and run the doctor again"))
            }
            return nil
        }
    }

    private func readProfiles(used: [String], into report: inout DoctorReport) -> [String: BoardProfile] {
        let place: StationHome
        do {
            place = try StationHome.locate(explicit: home)
        } catch {
            report.findings.append(
                .problem(
                    "board profiles", expected: "a folder with board profiles", seen: error.description,
                    next: "name it with --home or STATION_HOME"))
            return [:]
        }
        var profiles: [String: BoardProfile] = [:]
        let names = place.profileNames()
        // The daemon reads all profiles, also those no slot uses.
        for name in names {
            do {
                profiles[name] = try place.profile(named: name)
            } catch {
                for problem in error.problems {
                    report.findings.append(
                        .problem(
                            "profile \(name)", expected: "a board profile without problems", seen: problem.description,
                            next: "correct it in \(error.file)"))
                }
            }
        }
        for name in Set(used).subtracting(names).sorted() {
            report.findings.append(
                .problem(
                    "profile \(name)", expected: "one of \(names.joined(separator: ", "))",
                    seen: "there is none of that name in \(place.boardsFolder)",
                    next: "correct the slots' profile, or add \(name).toml"))
        }
        let good = Set(used).filter { profiles[$0] != nil }.sorted()
        if !good.isEmpty {
            report.findings.append(
                .ok(
                    "board profiles", expected: "no problem",
                    seen: "\(good.joined(separator: ", ")) in \(place.boardsFolder)"))
        }
        return profiles
    }
}
