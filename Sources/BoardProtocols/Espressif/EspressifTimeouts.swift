/// How long a loader may take for an answer.
///
/// Source: esptool's documented defaults (seconds): command 3, SYNC 0.1, MD5 8 a MiB, region erase 40 a MiB,
/// ceiling 240, MEM_END on the ROM 0.2.
public enum EspressifTimeouts {
    public static let command = Duration.seconds(3)
    public static let sync = Duration.milliseconds(100)
    /// The ROM often runs the code before it answers MEM_END.
    public static let memoryEndROM = Duration.milliseconds(200)
    /// How long the answers to a command the loader does not know are drained: it sends eight of them.
    public static let drainAfterUnknownCommand = Duration.milliseconds(200)
    public static let ceiling = Duration.seconds(240)

    /// MD5 over `bytes` of flash: 8 s a MiB, 3 s at least.
    public static func md5(bytes: Int) -> Duration { scaled(8, bytes) }

    /// Erasing `bytes` of flash: 40 s a MiB, 3 s at least. The ROM erases at FLASH_BEGIN, the stub while writing.
    public static func erase(bytes: Int) -> Duration { scaled(40, bytes) }

    /// Inflating and programming one block that grows to `bytes`: 40 s a MiB, 3 s at least.
    public static func write(bytes: Int) -> Duration { scaled(40, bytes) }

    private static func scaled(_ secondsPerMiB: Int, _ bytes: Int) -> Duration {
        let time = Duration.seconds(secondsPerMiB) * bytes / (1 << 20)
        return min(max(time, command), ceiling)
    }
}
