/// How long answers of the loader may take, after the time the bytes need on the wire.
public enum STM32Timeouts {
    /// After the byte that starts the rate measurement.
    public static let synchronise = Duration.milliseconds(200)
    public static let command = Duration.seconds(1)
    /// After a byte sent to bring the loader back in step. USB adapters hold answers back for up to 16 ms.
    public static let nudge = Duration.milliseconds(60)
    /// Nothing comes for so long: the line is quiet.
    public static let quiet = Duration.milliseconds(40)
    /// Programming 256 bytes; the slowest parts need about 15 ms.
    public static let write = Duration.seconds(1)

    /// Erasing one page of `bytes`: data sheets give up to 4 s for 128 KiB at the slowest supply.
    public static func erase(bytes: Int) -> Duration { .seconds(2) + .milliseconds(bytes / 16) }
}
