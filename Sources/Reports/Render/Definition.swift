/// What a figure on a report means: printed on the report itself.
struct Definition: Sendable {
    let term: Words
    let text: Words

    private init(_ term: Words, _ text: Words) { (self.term, self.text) = (term, text) }

    static let all: [Definition] = [
        Definition(
            Words("判定", "Attempt"),
            Words(
                "判定了板子的一次运行：合格、完成、不良，或由板子本身引起的待定。中断、中止、板子以外原因的待定不算，不影响一次合格资格。",
                "A run that judged its board: passed, done, failed, or held for a cause in the board. Interrupted and aborted "
                    + "runs, and holds for a cause outside the board, are none and cost no first-pass standing.")),
        Definition(
            Words("投入", "Input"),
            Words(
                "首次登记属于此范围的板数。比率的分母一律是板数，不是次数。",
                "Units first claimed in this scope. Denominators of rates are units, never runs.")),
        Definition(
            Words("直通率", "FPY"),
            Words(
                "首次判定即合格或完成的板数 ÷（投入 − 未判定）。二次、三次、末次：前两次、前三次、任何一次判定中合格或完成，同一分母。",
                "Units whose first attempt passed or was done ÷ (input − not judged). Second, third, last-pass yield: good in "
                    + "the first two, first three, any attempt ÷ the same.")),
        Definition(
            Words("良率", "Final yield"),
            Words(
                "（合格 + 完成）÷ 最后结果属于此范围的全部板数。",
                "(Passed + done) ÷ all units whose last conclusion belongs to this scope.")),
        Definition(
            Words("复测率", "Retest rate"),
            Words(
                "有两次或更多判定的板数 ÷（投入 − 未判定）。",
                "Units with two or more attempts ÷ (input − not judged).")),
        Definition(
            Words("合格 … 离线欠账", "Passed … offline debt"),
            Words(
                "最后结果属于此范围的板，按截止时的状态计数；完成 = 按计划不激活，离线欠账 = 已烧录、等待激活。未完 = 投入的板中正在运行或未了结的。",
                "Units whose last conclusion belongs to this scope, by their state at the cut; done = not activated by plan, "
                    + "offline debt = flashed and waiting for activation. Open = entered units that run or are unsettled."
            )),
        Definition(
            Words("属于哪个班次", "Whose shift"),
            Words(
                "投入与直通率属于首次运行开始时的班次及其生产日期；最后结果属于得出结果时的班次；运行属于其开始时的班次。批次中一块板只计一次。",
                "Input and FPY belong to the shift and production date of the unit's first run's start, the final result to "
                    + "the shift of its last conclusion, a run to the shift of its start. A batch counts a unit once.")),
        Definition(
            Words("截止与更正", "Cut and adjustments"),
            Words(
                "班次报表截止于结束班次的那条日志；之后的变化不改数字，列为更正。",
                "A shift's report is cut at the record that ended the shift; later changes leave its figures alone and are "
                    + "listed as adjustments.")),
        Definition(
            Words("拒绝的重复", "Refused duplicates"),
            Words(
                "身份、芯片或地址段已属于另一块板，或同一身份正在另一工位运行的次数（CL-101、CL-102、CL-103、CL-110）。",
                "Runs refused because identity, chip or address block is another board's, or the identity runs on another "
                    + "slot (CL-101, CL-102, CL-103, CL-110).")),
        Definition(
            Words("每步用时", "Time of each step"),
            Words(
                "正常结束的步骤；整次 = 合格或完成的运行从开始到最后一步结束。最短、最长为准确值；中位数和 95 % 按最近序取值，向下取整到 0.1 秒。",
                "Steps that ended without a failure; total = good runs, from start to the end of the last step. Min and max "
                    + "are exact, median and 95 % are nearest-rank over times floored to 0.1 s.")),
        Definition(
            Words("每步通过率", "Yield of each step"),
            Words(
                "投入的板的首次判定：到达该步的板数中，该步没有失败的比例。",
                "First attempts of entered units: of those that came to the step, the share that did not fail in it.")),
        Definition(
            Words("柏拉图", "Pareto"),
            Words(
                "不良的运行和带代码的待定运行，按次数排列；累计 = 本条及之前各条占全部的比例。",
                "Failed runs and runs held with a code, most frequent first; cumulative = this and those before it, of all."
            )),
        Definition(
            Words("剩余数量", "Quota left"),
            Words(
                "工单数量 − 已登记 + 退回。不良的板占用数量；经证实已擦除或两人签字销毁的板才退回。",
                "Quota − claimed + returned. A failed unit keeps its place; it comes back only for a proven erase or a "
                    + "destruction that two people signed.")),
    ]
}
