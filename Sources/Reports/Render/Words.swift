extension Report {
    /// In which language a report is written.
    public enum Language: String, CaseIterable, Sendable {
        case zh, en
    }
}

/// A word or sentence in both languages.
struct Words: Hashable, Sendable {
    let zh, en: String

    init(_ zh: String, _ en: String) { (self.zh, self.en) = (zh, en) }

    subscript(_ language: Report.Language) -> String { language == .zh ? zh : en }
}

extension Report.Kind {
    var words: Words {
        switch self {
        case .batch: Words("批次报表", "Batch report")
        case .shift: Words("班次报表", "Shift report")
        case .station: Words("工站报表", "Station report")
        }
    }
}

extension Count {
    var words: Words {
        switch self {
        case .input: Words("投入", "Input")
        case .unjudged: Words("未判定", "Not judged")
        case .firstPass: Words("一次合格", "First-pass good")
        case .afterRetest: Words("复测后合格", "Good after retest")
        case .passed: Words("合格", "Passed")
        case .done: Words("完成（未激活）", "Done, not activated")
        case .failed: Words("不良", "Failed")
        case .held: Words("待定", "Held")
        case .scrapped: Words("报废", "Scrapped")
        case .replaced: Words("已替换", "Replaced")
        case .offlineDebt: Words("离线欠账", "Offline debt")
        case .open: Words("未完", "Open")
        case .reflashed: Words("重新烧录", "Re-flashed")
        case .reset: Words("重置", "Reset")
        case .refusedDuplicates: Words("拒绝的重复", "Refused duplicates")
        case .interrupted: Words("中断次数", "Interrupted runs")
        case .aborted: Words("中止次数", "Aborted runs")
        case .relayPasses: Words("代激活合格", "Relay passes")
        case .runs: Words("运行次数", "Runs")
        case .quota: Words("工单数量", "Quota")
        case .claimed: Words("已登记", "Claimed")
        case .quotaReturned: Words("退回数量", "Quota returned")
        case .quotaLeft: Words("剩余数量", "Quota left")
        }
    }
}

extension Rate {
    var words: Words {
        switch self {
        case .firstPass: Words("直通率", "FPY")
        case .second: Words("二次累计直通率", "Second-pass yield")
        case .third: Words("三次累计直通率", "Third-pass yield")
        case .last: Words("末次合格率", "Last-pass yield")
        case .final: Words("良率", "Final yield")
        case .retest: Words("复测率", "Retest rate")
        }
    }
}

extension ParetoKey {
    var words: Words {
        switch self {
        case .code: Words("代码", "Failure code")
        case .slot: Words("工位", "Slot")
        case .operator: Words("操作员", "Operator")
        case .release: Words("固件", "Release")
        }
    }
}
