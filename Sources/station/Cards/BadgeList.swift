import Foundation
import Provisioning

/// The people a sheet has badges for, one a line: `NAME`, or `NAME,BADGE` where the badge's text is given.
///
/// Empty lines and those that begin with `#` are passed over. A badge that is not given is made at random.
struct BadgeList: Sendable {
    struct Badge: Sendable {
        let name: String
        /// The credential.
        let text: Secret
    }

    /// Everything that is wrong with a list, by line; never with a badge's text.
    struct Refusal: Error, Equatable, Sendable, CustomStringConvertible {
        let problems: [String]

        var description: String { problems.joined(separator: "\n") }
    }

    let badges: [Badge]

    /// - Parameter text: the list.
    init(_ text: String) throws(Refusal) {
        var (badges, problems, seen): ([Badge], [String], [String: Int]) = ([], [], [:])
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let number = index + 1
            let parts = line.split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
            let name = parts.first ?? ""
            if (name.isEmpty && parts.count < 2) || name.hasPrefix("#") { continue }
            guard (1...24).contains(name.count),
                name.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
            else {
                problems.append("line \(number): expected a name of 1 to 24 characters, received \(name.count)")
                continue
            }
            guard parts.count == 2 else {
                badges.append(Badge(name: name, text: Self.random()))
                continue
            }
            guard Self.isBadge(parts[1]) else {
                problems.append(
                    "line \(number): expected a badge of 8 to 64 letters, digits and dashes after the comma, or no comma "
                        + "for one made at random; received \(parts[1].count) characters")
                continue
            }
            if let first = seen.updateValue(number, forKey: parts[1]) {
                problems.append("line \(number): the badge of line \(first) again; every person needs one of their own")
            }
            badges.append(Badge(name: name, text: Secret(parts[1])))
        }
        if badges.isEmpty, problems.isEmpty { problems.append("the list has no name; expected one a line") }
        guard problems.isEmpty else { throw Refusal(problems: problems) }
        self.badges = badges
    }

    /// Whether a text can be a badge: 8 to 64 ASCII letters, digits and dashes.
    static func isBadge(_ text: String) -> Bool {
        (8...64).contains(text.utf8.count)
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
    }

    /// 128 random bits from the system, in base32 (RFC 4648 without padding): 26 characters that every keyboard layout of
    /// a scanner types alike.
    static func random() -> Secret {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
        var generator = SystemRandomNumberGenerator()
        var (bits, text): (UInt128, [UInt8]) = (.random(in: .min ... .max, using: &generator), [])
        for _ in 0..<26 {
            text.append(alphabet[Int(bits & 31)])
            bits >>= 5
        }
        return Secret(bytes: text)
    }
}
