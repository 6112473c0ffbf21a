import Foundation
import Locking
import Provisioning

/// What the board's console has shown so far: its last lines, a refusal by the cloud it reported, whether its port went.
///
/// Filled while the console is read, read while the cloud is asked. Lines are masked before they are kept: firmware may
/// print its credentials, and what is kept goes into the journal.
final class ConsoleWatch: Sendable {
    private struct Seen {
        var lines: [String] = []
        var refusal: String?
        var refusalCode: Int?
        var refusals = 0
        var isLost = false
        var secrets: [Secret] = []
    }

    /// Lines kept for the journal.
    static let limit = 60
    private let profile: BoardProfile.Console
    private let seen = Locked(Seen())

    /// - Parameter secret: the product's, to be masked wherever it stands.
    init(profile: BoardProfile.Console, secret: Secret?) {
        self.profile = profile
        if let secret { hide(secret) }
    }

    /// Masks a secret wherever it stands from now on.
    func hide(_ secret: Secret) { seen.withLock { $0.secrets.append(secret) } }

    func note(_ line: String) {
        let kept = masked(line)
        seen.withLock { seen in
            seen.lines.append(kept)
            if seen.lines.count > Self.limit { seen.lines.removeFirst() }
            if let pattern = profile.errors.first(where: { $0.pattern.matches(line) }), pattern.code == .boardRefused {
                seen.refusal = kept
                seen.refusalCode = pattern.pattern.capture(in: line).flatMap { Int($0) }
                seen.refusals += 1
            }
        }
    }

    func lose() { seen.withLock { $0.isLost = true } }

    /// The last lines, oldest first.
    var lines: [String] { seen.withLock { $0.lines } }
    /// The last line in which the board says that the cloud refused it, by the profile's pattern for AC-102.
    var refusal: String? { seen.withLock { $0.refusal } }
    /// The number it names, where the pattern captures one: a CONNACK code below 100, else the platform's of HTTPS.
    var refusalCode: Int? { seen.withLock { $0.refusalCode } }
    /// How many such lines there were.
    var refusals: Int { seen.withLock { $0.refusals } }
    var isLost: Bool { seen.withLock { $0.isLost } }

    /// `line` without what is or may be a secret: the product's own, a value that is named secret, token or
    /// password, and unbroken runs of 32 or more letters and digits, the form of a DeviceSecret.
    func masked(_ line: String) -> String {
        var text = line
        for secret in seen.withLock({ $0.secrets }) {
            text = text.replacingOccurrences(of: secret.revealed, with: Self.mask)
        }
        text = text.replacing(/(?i)((?:secret|token|passw(?:or)?d)["']?\s*[:=]\s*["']?)[^\s"',}]+/) {
            "\($0.1)\(Self.mask)"
        }
        return text.replacing(/[A-Za-z0-9+\/]{32,}={0,2}/, with: Self.mask)
    }

    private static let mask = "<masked>"
}
