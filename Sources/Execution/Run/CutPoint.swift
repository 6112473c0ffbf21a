import Foundation

/// A named place at which a debug build can be cut off as by a power loss, to test that nothing is lost there.
///
/// The environment variable `STATION_CUT` names the place; the process ends there with SIGKILL, without any clean-up. In
/// release builds the places do nothing.
enum CutPoint {
    @inline(__always)
    static func reach(_ name: @autoclosure () -> String) {
        #if DEBUG
            if let wanted, wanted == name() { kill(getpid(), SIGKILL) }
        #endif
    }

    #if DEBUG
        private static let wanted = ProcessInfo.processInfo.environment["STATION_CUT"]
    #endif
}
