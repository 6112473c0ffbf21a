import Foundation
import Provisioning
import Synchronization

/// What the board's console has shown so far: its last lines, a refusal by the cloud it reported, whether its port went.
///
/// Filled while the console is read, read while the cloud is asked. Lines are masked before they are kept: firmware may
/// print its credentials, and what is kept goes into the journal.
final class ConsoleWatch: Sendable {
    private struct Seen {
        var lines: [String] = []
        var refusal: String?
        var refusals = 0
        var isLost = false
    }

    /// Lines kept for the journal.
    static let limit = 60
    private let profile: BoardProfile.Console
    private let secret: Secret?
    private let seen = Mutex(Seen())

    /// - Parameter secret: the product's, to be masked wherever it stands.
    init(profile: BoardProfile.Console, secret: Secret?) {
        (self.profile, self.secret) = (profile, secret)
    }

    func note(_ line: String) {
        let kept = masked(line)
        seen.withLock { seen in
            seen.lines.append(kept)
            if seen.lines.count > Self.limit { seen.lines.removeFirst() }
            if profile.failure(in: line) == .boardRefused {
                seen.refusal = kept
                seen.refusals += 1
            }
        }
    }

    func lose() { seen.withLock { $0.isLost = true } }

    /// The last lines, oldest first.
    var lines: [String] { seen.withLock { $0.lines } }
    /// The last line in which the board says that the cloud refused it, by the profile's pattern for AC-102.
    var refusal: String? { seen.withLock { $0.refusal } }
    /// How many such lines there were.
    var refusals: Int { seen.withLock { $0.refusals } }
    var isLost: Bool { seen.withLock { $0.isLost } }

    /// `line` without what is or may be a secret: the product's own, a value that is named secret, token or
    /// password, and unbroken runs of 32 or more letters and digits, the form of a DeviceSecret.
    func masked(_ line: String) -> String {
        var text = line
        if let secret { text = text.replacingOccurrences(of: secret.revealed, with: Self.mask) }
        text = text.replacing(/(?i)((?:secret|token|passw(?:or)?d)["']?\s*[:=]\s*["']?)[^\s"',}]+/) {
            "\($0.1)\(Self.mask)"
        }
        return text.replacing(/[A-Za-z0-9+\/]{32,}={0,2}/, with: Self.mask)
    }

    private static let mask = "<masked>"
}
