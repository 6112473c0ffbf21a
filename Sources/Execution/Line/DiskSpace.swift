import Glibc
import Provisioning

/// The space left where the station keeps its records.
public struct DiskSpace: Hashable, Sendable {
    /// What the station does about it.
    public enum Level: Sendable {
        case enough
        /// It is told; boards go on.
        case scarce
        /// No board begins: the records of those that run must still fit.
        case exhausted
    }

    /// When it is told, and when no board begins, in bytes.
    public struct Limits: Hashable, Sendable {
        public var warn: Int
        public var stop: Int

        /// 2 GiB, 200 MiB: a run's records take less than 100 KiB, the write-ahead log of a journal under load a few MiB.
        public static let standard = Limits(warn: 2 << 30, stop: 200 << 20)

        public init(warn: Int, stop: Int) { (self.warn, self.stop) = (warn, stop) }
    }

    /// The fewest files that must still find a place on file systems that count them; ten times as many are told.
    private static let fewestFiles = 1000

    /// Bytes that this user may still write.
    public let free: Int
    /// Files that can still be made; nil where the file system does not count them.
    public let files: Int?

    public init(free: Int, files: Int? = nil) { (self.free, self.files) = (free, files) }

    /// Reads it; nil where the folder's file system does not answer. errno tells why.
    public init?(at folder: String) {
        var facts = statvfs()
        guard statvfs(folder, &facts) == 0 else { return nil }
        free = Int(facts.f_bavail) * Int(facts.f_frsize)
        files = facts.f_files > 0 ? Int(facts.f_favail) : nil
    }

    public func level(_ limits: Limits) -> Level {
        let files = files ?? .max
        if free < limits.stop || files < Self.fewestFiles { return .exhausted }
        return free < limits.warn || files < 10 * Self.fewestFiles ? .scarce : .enough
    }

    /// `3 GiB`, `150 MiB`, with the files where they are what is scarce.
    public var text: String {
        let space = free >= 1 << 30 ? "\(free >> 30) GiB" : "\(free >> 20) MiB"
        guard let files, files < 10 * Self.fewestFiles else { return space }
        return "\(space), \(files) files"
    }

    /// Why no board may begin; nil where one may.
    func refusal(_ limits: Limits) -> Failure? {
        guard level(limits) == .exhausted else { return nil }
        return Failure(.diskFull, "\(text) left")
    }
}
