import Foundation

/// Who uses a port, told without opening it: processes that hold a `flock` on it, and those that have it open.
struct DoctorPortHolders {
    struct Process: Sendable, Equatable {
        let id: Int32
        /// As the kernel names it, 15 characters at most.
        let name: String
    }

    let path: String

    /// Other accounts' open files are seen by root alone; their locks by everybody.
    var processes: [Process] {
        let device = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        var found = lockers(device)
        // A simulated board keeps its own end of a pseudo terminal open: only a lock counts there.
        if !device.hasPrefix("/dev/pts/") {
            for process in Self.processes() where !found.contains(process) && Self.opens(process, device) {
                found.append(process)
            }
        }
        return found
    }

    /// Every process.
    static func processes() -> [Process] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int32($0) }.map(process)
    }

    private static func process(_ id: Int32) -> Process { Process(id: id, name: BenchMachine.text("/proc/\(id)/comm")) }

    private static func opens(_ process: Process, _ device: String) -> Bool {
        let folder = "/proc/\(process.id)/fd"
        return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).contains {
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")) == device
        }
    }

    private func lockers(_ device: String) -> [Process] {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: device),
            let number = attributes[.systemNumber] as? NSNumber, let file = attributes[.systemFileNumber] as? NSNumber
        else { return [] }
        let key = Self.lockKey(device: number.uint64Value, inode: file.uint64Value)
        return Self.lockers(of: key, in: BenchMachine.text("/proc/locks")).map(Self.process)
    }

    /// A file as `/proc/locks` names it: `MAJOR:MINOR:INODE`, the first two in hexadecimal.
    static func lockKey(device: UInt64, inode: UInt64) -> String {
        func hex(_ number: UInt64) -> String { (number < 16 ? "0" : "") + String(number, radix: 16) }
        let major = device >> 8 & 0xFFF | device >> 32 & ~0xFFF
        let minor = device & 0xFF | device >> 12 & 0xFFFF_FF00
        return "\(hex(major)):\(hex(minor)):\(inode)"
    }

    /// The processes that hold (not wait for) a `flock` on the file, from the text of `/proc/locks` (proc(5)).
    static func lockers(of key: String, in locks: String) -> [Int32] {
        locks.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count > 5, fields[1] == "FLOCK", fields[5] == key else { return nil }
            return Int32(fields[4])
        }
    }
}
