import Crypto
import Foundation
public import Provisioning

/// Which data folder this is, and on which machine: what a copy of it cannot have in common with it.
public struct StationMark: Hashable, Sendable {
    /// SHA-256 over the machine's id, made for this use alone; empty where the machine has none (machine-id(5)).
    public let machine: String
    /// The folder's path without links.
    public let path: String
    /// The folder's number in its file system: a copy has another, a renamed folder keeps it.
    public let inode: Int64

    init(machine: String, path: String, inode: Int64) { (self.machine, self.path, self.inode) = (machine, path, inode) }

    /// As the machine has it now; nil where the folder cannot be looked at.
    public static func read(folder: String, machineID: String = "/etc/machine-id") -> StationMark? {
        let path = URL(fileURLWithPath: folder).resolvingSymlinksInPath().path
        guard
            let inode = (try? FileManager.default.attributesOfItem(atPath: path))?[.systemFileNumber] as? NSNumber
        else { return nil }
        let id = FileManager.default.contents(atPath: machineID).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let text = id.trimmingCharacters(in: .whitespacesAndNewlines)
        let digest = SHA256.hash(data: Data("provisioning-station machine 1\n\(text)".utf8))
        return StationMark(
            machine: text.isEmpty ? "" : Chain.hex(Array(digest)), path: path, inode: inode.int64Value)
    }

    /// Reads what ``json`` wrote.
    init?(_ json: JSONValue) {
        guard let machine = json["machine"].string, let path = json["path"].string, let inode = json["inode"].int
        else { return nil }
        self.init(machine: machine, path: path, inode: inode)
    }

    public var json: JSONValue { ["machine": .string(machine), "path": .string(path), "inode": .int(inode)] }

    /// What of an earlier mark is different now, for people.
    func differences(from old: StationMark) -> [String] {
        var found: [String] = []
        if machine != old.machine { found.append("the machine is another one") }
        if path != old.path { found.append("the folder was \(old.path) and is \(path)") }
        if inode != old.inode { found.append("the folder is another one (inode \(old.inode), now \(inode))") }
        return found
    }
}
