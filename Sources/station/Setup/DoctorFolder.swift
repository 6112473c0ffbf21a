import Execution
import Foundation
import Journal
import NIOCore
import NIOPosix
import Provisioning

/// The doctor's look at the data folder: owner, mode, space, whether a daemon owns it, whether the journal's chain holds.
struct DoctorFolder {
    let configuration: StationConfiguration
    private var folder: String { configuration.dataFolder }

    /// - Returns: whether a daemon runs on the folder.
    func examine(into report: inout DoctorReport) async -> Bool {
        report.findings.append(folderFinding())
        report.findings.append(
            Self.space(DiskSpace(at: Self.nearest(folder)), folder: folder, limits: configuration.limits.disk))
        let path = ControlSocket.path(dataFolder: folder)
        guard path.utf8.count <= ControlSocket.pathLimit else {
            report.findings.append(
                .problem(
                    "control socket", expected: "a path of at most \(ControlSocket.pathLimit) bytes",
                    seen: "\(path) has \(path.utf8.count)", next: "use a data folder with a shorter path"))
            return false
        }
        let isRunning = await Self.answers(path)
        report.findings.append(
            .ok(
                "daemon", expected: "running or not",
                seen: isRunning ? "`station serve` is running on this folder" : "not running"))
        return isRunning
    }

    /// The journal's orders, after its chain was verified; none where there is no journal.
    func orders(into report: inout DoctorReport) async -> [WorkOrder] {
        guard FileManager.default.fileExists(atPath: folder + "/journal.sqlite") else {
            report.findings.append(
                .ok("journal", expected: "a whole chain, or none yet", seen: "none yet; the first command makes it"))
            return []
        }
        do {
            let journal = try Journal(folder: folder, access: .readOnly)
            let found = try await journal.verify()
            if let bad = found.firstBad {
                report.findings.append(
                    .problem(
                        "journal", expected: "a whole chain", seen: "record \(bad.seq) is bad: \(bad.reason)",
                        next: "stop the line, keep the folder as it is, and compare with the last backup"))
            } else {
                report.findings.append(
                    .ok("journal", expected: "a whole chain", seen: "\(found.records) records, chain whole"))
            }
            if let hold = try await journal.productionHold() {
                report.findings.append(
                    .problem(
                        "production", expected: "a journal that knows everything it made", seen: hold.sentence,
                        next: "`station restore list`, then a leader's `station restore settle`"))
            }
            return try await journal.orders()
        } catch {
            report.findings.append(
                .problem(
                    "journal", expected: "a journal that can be read", seen: "\(error)",
                    next: "check the rights on \(folder)/journal.sqlite; run the doctor as the station's account"))
            return []
        }
    }

    // MARK: - Single checks

    private func folderFinding() -> DoctorFinding {
        let expected = "a folder of this account, mode 0700"
        let place = URL(fileURLWithPath: folder).resolvingSymlinksInPath().path
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: place) else {
            let parent = URL(fileURLWithPath: folder).deletingLastPathComponent().path
            let canMake = access(Self.nearest(parent), W_OK) == 0
            return canMake
                ? .warning(
                    "data folder", expected: expected, seen: "\(folder) is not there",
                    next: "nothing: sealing the first secret makes it (station secret set ...)")
                : .problem(
                    "data folder", expected: expected,
                    seen: "\(folder) is not there and cannot be made by this account",
                    next: "make it as root: install -d -m 0700 -o \(NSUserName()) \(folder)")
        }
        guard attributes[.type] as? FileAttributeType == .typeDirectory,
            let owner = attributes[.ownerAccountID] as? NSNumber, let mode = attributes[.posixPermissions] as? NSNumber
        else {
            return .problem(
                "data folder", expected: expected, seen: "\(folder) is no folder", next: "correct [station] data")
        }
        return Self.rights(folder: folder, owner: owner.uint32Value, mode: mode.uint32Value, account: geteuid())
    }

    /// Judges owner and mode of the folder.
    static func rights(folder: String, owner: UInt32, mode: UInt32, account: UInt32) -> DoctorFinding {
        let expected = "a folder of this account, mode 0700"
        let octal = "0" + String(mode, radix: 8)
        guard owner == account else {
            return .problem(
                "data folder", expected: expected, seen: "\(folder) belongs to user \(owner), this is user \(account)",
                next: "run doctor and station as user \(owner) (sudo -u '#\(owner)' station ...)")
        }
        guard mode & 0o077 == 0, mode & 0o700 == 0o700 else {
            return .problem(
                "data folder", expected: expected, seen: "\(folder) has mode \(octal)", next: "chmod 700 \(folder)")
        }
        return .ok("data folder", expected: expected, seen: "\(folder), mode \(octal)")
    }

    /// Judges the space left on the disk.
    static func space(_ space: DiskSpace?, folder: String, limits: DiskSpace.Limits) -> DoctorFinding {
        let expected = "at least \(limits.warn >> 20) MiB free"
        guard let space else {
            return .problem(
                "disk", expected: expected, seen: "the space at \(folder) cannot be read",
                next: "check that the disk is mounted")
        }
        let seen = space.text + " free"
        return switch space.level(limits) {
        case .enough: .ok("disk", expected: expected, seen: seen)
        case .scarce: .warning("disk", expected: expected, seen: seen, next: "make room before it runs out")
        case .exhausted:
            .problem(
                "disk", expected: expected, seen: seen,
                next: "make room now: below \(limits.stop >> 20) MiB no board begins")
        }
    }

    /// `path`, or the nearest folder above it that exists.
    private static func nearest(_ path: String) -> String {
        var url = URL(fileURLWithPath: path)
        while url.path != "/", !FileManager.default.fileExists(atPath: url.path) { url.deleteLastPathComponent() }
        return url.path
    }

    /// Whether somebody listens on a Unix socket.
    private static func answers(_ path: String) async -> Bool {
        guard FileManager.default.fileExists(atPath: path) else { return false }
        let connecting = ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connectTimeout(.seconds(3)).connect(unixDomainSocketPath: path)
        guard let channel = try? await connecting.get() else { return false }
        try? await channel.close()
        return true
    }
}
