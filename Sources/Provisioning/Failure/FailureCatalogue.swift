/// Every failure code with its wording in Chinese and English, as data.
public enum FailureCatalogue {
    /// Every entry by its code.
    public static let entries: [String: FailureEntry] = Dictionary(
        uniqueKeysWithValues: all.map { ($0.code, $0) })

    static let unknown = FailureEntry(
        code: "ST-999", treatment: .hold,
        zh: .init(happened: "未知代码", action: "叫工程师", help: "工程师"),
        en: .init(happened: "Unknown code", action: "Call the engineer", help: "Engineer"))

    /// Every entry in the order of families and numbers.
    public static let all: [FailureEntry] = identify + claim + register + flash + verify + boot + activate + station

    static func entry(
        _ code: String, _ treatment: FailureEntry.Treatment, _ zh: (String, String, String),
        _ en: (String, String, String)
    ) -> FailureEntry {
        FailureEntry(
            code: code, treatment: treatment, zh: .init(happened: zh.0, action: zh.1, help: zh.2),
            en: .init(happened: en.0, action: en.1, help: en.2))
    }
}
