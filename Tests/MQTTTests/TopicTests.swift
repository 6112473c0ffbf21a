import MQTT
import Testing

@Suite("Topic filters")
struct TopicTests {
    @Test(
        "a filter covers a topic as section 4.7 says",
        arguments: [
            ("a/b", "a/b", true), ("a/b", "a/c", false), ("a/b", "a", false), ("a", "a/b", false),
            ("+", "a", true), ("+", "a/b", false), ("+/+", "/a", true), ("/+", "/a", true), ("+", "/a", false),
            ("a/+/c", "a/b/c", true), ("a/+/c", "a//c", true), ("a/+", "a", false), ("a/+", "a/", true),
            ("#", "a/b/c", true), ("#", "", true), ("a/#", "a", true), ("a/#", "a/b/c", true), ("a/#", "ab", false),
            ("sport/tennis/+/#", "sport/tennis/player", true), ("a/+/#", "a", false),
            ("#", "$SYS/x", false), ("+/x", "$SYS/x", false), ("$SYS/#", "$SYS/x", true), ("$SYS/+", "$SYS/x", true),
            ("A", "a", false), ("\u{E9}", "e\u{301}", false),
        ])
    func covers(_ filter: String, _ topic: String, _ expected: Bool) {
        #expect(topicMatches(filter: filter, topic: topic) == expected)
    }
}
