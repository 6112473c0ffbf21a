/// The parity bit of a serial line.
public enum SerialParity: Sendable, Hashable {
    /// 8N1.
    case none
    /// 8E1, as the loaders in STM32 system memory want it. A byte whose parity is wrong reads as 00h.
    case even
}
