/// Whether `filter` covers `topic` (MQTT 3.1.1, 4.7).
///
/// `+` stands for one level and `#` for any number at the end, the parent level included (4.7.1.2); a filter that
/// starts with a wildcard never covers a topic that starts with `$` [MQTT-4.7.2-1]. Comparison is by code unit, without
/// normalisation [MQTT-4.7.3-4].
/// - Complexity: O(n) over the shorter of the two.
public func topicMatches(filter: String, topic: String) -> Bool {
    var filterLevels = filter.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)[...]
    var topicLevels = topic.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)[...]
    if topic.utf8.first == UInt8(ascii: "$"), let first = filter.utf8.first, isWildcard(first) { return false }
    while let wanted = filterLevels.popFirst() {
        if wanted.elementsEqual("#".utf8) { return filterLevels.isEmpty }
        guard let level = topicLevels.popFirst() else { return false }
        guard wanted.elementsEqual("+".utf8) || wanted.elementsEqual(level) else { return false }
    }
    return topicLevels.isEmpty
}

private func isWildcard(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "+") || byte == UInt8(ascii: "#") }

enum Topic {
    /// A name to publish to: at least one character [MQTT-4.7.3-1] and no wildcard [MQTT-3.3.2-2].
    static func isName(_ text: String) -> Bool { !text.isEmpty && !text.utf8.contains(where: isWildcard) }

    /// A filter to subscribe to: `+` alone in its level, `#` alone in the last one [MQTT-4.7.1-2, -3].
    static func isFilter(_ text: String) -> Bool {
        guard !text.isEmpty else { return false }
        let levels = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        for (index, level) in levels.enumerated() where level.contains(where: isWildcard) {
            guard level.count == 1 else { return false }
            if level.first == UInt8(ascii: "#"), index != levels.count - 1 { return false }
        }
        return true
    }
}
