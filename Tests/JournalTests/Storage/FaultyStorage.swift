import Foundation
import StorageFaults
import Testing

/// A folder whose databases lie on storage that fails when it is told to, and forgets what was not synced.
final class FaultyStorage: @unchecked Sendable {  // The watch has a lock of its own.
    let folder: String
    private let watch: OpaquePointer

    /// The way a call fails.
    struct Fault: Sendable, CustomTestStringConvertible {
        /// Which calls are counted.
        let kinds: UInt32
        let error: storage_error
        let fromThenOn: Bool
        let testDescription: String

        static let everything: UInt32 = 1023
        /// Calls that take space on the disk.
        static let taking = UInt32(STORAGE_WRITE | STORAGE_OPEN | STORAGE_SHARED_MEMORY)

        static let all = [
            Fault(kinds: everything, error: STORAGE_EIO, fromThenOn: false, testDescription: "EIO once"),
            Fault(kinds: taking, error: STORAGE_ENOSPC, fromThenOn: true, testDescription: "ENOSPC from then on"),
            Fault(kinds: everything, error: STORAGE_EIO, fromThenOn: true, testDescription: "EIO from then on"),
            Fault(kinds: taking, error: STORAGE_ENOSPC, fromThenOn: false, testDescription: "ENOSPC once"),
            Fault(kinds: taking, error: STORAGE_SHORT_WRITE, fromThenOn: false, testDescription: "a short write"),
        ]
    }

    init(folder: String) throws {
        self.folder = folder
        guard let watch = storage_watch_begin(folder) else { throw CocoaError(.fileNoSuchFile) }
        self.watch = watch
    }

    deinit { storage_watch_end(watch) }

    /// Counts the calls of a fault anew; the `nth` fails, none where it is nil.
    func fail(_ fault: Fault, at nth: Int?) {
        storage_fail(watch, fault.kinds, Int64(nth ?? 0), fault.error, fault.fromThenOn ? 1 : 0)
    }

    /// No call fails any more.
    func heal() { storage_fail(watch, 0, 0, STORAGE_EIO, 0) }

    var calls: Int { Int(storage_calls(watch)) }
    /// The call that failed first.
    var failure: String? { storage_failure(watch).map { String(cString: $0) } }

    /// Records what happens to the databases of the folder, and to the files at `beside`.
    func record(beside: [String]) {
        var paths = beside.map { UnsafePointer(strdup($0)) } + [nil]
        storage_record(watch, &paths)
        for path in paths { free(UnsafeMutablePointer(mutating: path)) }
    }

    func mark(_ number: Int) { storage_mark(watch, Int64(number)) }

    /// What was recorded, in order.
    var events: [storage_event] { (0..<storage_events(watch)).map { storage_event_at(watch, $0) } }
}
