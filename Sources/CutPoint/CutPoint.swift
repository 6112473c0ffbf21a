/// A named place at which a debug build can be cut off as by a power loss, to test that nothing is lost there.
///
/// Two environment variables work it. `STATION_CUT=NAME` ends the process with SIGKILL, without any clean-up, when it reaches
/// that place; `NAME#3` at the third time. `STATION_CUT_LOG=FILE` has every place that is passed written to FILE, a line
/// each, so that a test finds out where it can cut. In release builds the places do nothing.
public enum CutPoint {
    /// Whether places do anything in this process.
    public static var isArmed: Bool {
        #if DEBUG
            CutTrace.own != nil
        #else
            false
        #endif
    }

    /// The process has come to the place called `name`.
    public static func reach(_ name: @autoclosure () -> String) {
        #if DEBUG
            CutTrace.own?.pass(name())
        #endif
    }
}
