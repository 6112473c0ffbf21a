extension FailureCatalogue {
    static let claim: [FailureEntry] = [
        entry(
            "CL-101", .hold,
            ("同一标识已属于另一块板", "取下板子，放入待定盘", "线长与工程师两人判定"),
            (
                "This identity already belongs to another board",
                "Remove the board to the HOLD tray", "Leader and engineer decide together"
            )),
        entry(
            "CL-102", .hold,
            ("这块芯片已用另一标识登记", "取下板子，放入待定盘", "线长与工程师两人判定"),
            (
                "This chip is already claimed under another identity",
                "Remove the board to the HOLD tray", "Leader and engineer decide together"
            )),
        entry(
            "CL-103", .hold,
            ("MAC 地址段与另一块板重叠", "取下板子，放入待定盘", "工程师核对地址分配"),
            (
                "The board's MAC block overlaps another board's",
                "Remove the board to the HOLD tray", "Engineer checks the address allocation"
            )),
        entry(
            "CL-104", .permanent,
            ("这块板已经合格", "取下板子，放入良品盘", ""),
            (
                "This board has already passed",
                "Remove it to the good tray", ""
            )),
        entry(
            "CL-105", .permanent,
            ("这块板已报废", "取下板子，交给线长", "线长"),
            (
                "This board was scrapped",
                "Remove it and hand it to the leader", "Line leader"
            )),
        entry(
            "CL-106", .permanent,
            ("这块板已被替换", "取下板子，交给线长", "线长"),
            (
                "This board was replaced by another",
                "Remove it and hand it to the leader", "Line leader"
            )),
        entry(
            "CL-107", .hold,
            ("这块板处于待定状态", "取下板子，放入待定盘", "线长判定"),
            (
                "This board is on hold",
                "Remove it to the HOLD tray", "Leader decides"
            )),
        entry(
            "CL-108", .hold,
            ("这块板属于另一工单", "取下板子，按工单分开", "线长"),
            (
                "This board belongs to another work order",
                "Remove it and sort by work order", "Line leader"
            )),
        entry(
            "CL-109", .hold,
            ("这块板运行次数已到上限", "取下板子，送维修", "工程师"),
            (
                "This board has reached its run limit",
                "Remove it to repair", "Engineer"
            )),
        entry(
            "CL-110", .hold,
            ("同一标识正在另一工位运行", "取下板子，叫线长", "线长与工程师两人判定"),
            (
                "This identity is running on another slot at this moment",
                "Remove the board and call the leader", "Leader and engineer decide together"
            )),
        entry(
            "CL-111", .hold,
            ("无法证明这就是要返工的那块板", "取下板子，放入待定盘", "线长核对板子"),
            (
                "Nothing on this board proves that it is the unit that re-flash or reset was ordered for",
                "Remove the board to the HOLD tray", "Leader compares the board"
            )),
        entry(
            "CL-112", .hold,
            ("抽检板失败，上次合格抽检之后的产品暂停", "取下板子，放入待定盘", "线长复检这些产品"),
            (
                "A sampled board failed: the units made since the last good sample are on hold",
                "Remove the board to the HOLD tray", "Leader has these units tested again"
            )),
        entry(
            "CL-113", .hold,
            ("SIM 卡与登记时的不是同一张", "取下板子，放入待定盘", "线长确认换卡"),
            (
                "The SIM card is another than the one this unit was claimed with",
                "Remove the board to the HOLD tray", "Leader confirms the change of SIM"
            )),
        entry(
            "CL-201", .hold,
            ("工单数量已满", "取下板子，叫线长", "线长"),
            (
                "The order's quota is reached",
                "Remove the board and call the leader", "Line leader"
            )),
        entry(
            "CL-202", .hold,
            ("工单暂停中", "取下板子，等待工单恢复", "线长"),
            (
                "The work order is on hold",
                "Remove the board and wait for the order", "Line leader"
            )),
        entry(
            "CL-203", .permanent,
            ("标识不能构成合法的设备名", "取下板子，叫工程师", "工程师修改规则"),
            (
                "No legal DeviceName can be made from this identity",
                "Remove the board and call the engineer", "Engineer mends the name rule"
            )),
        entry(
            "CL-204", .hold,
            ("同一故障连续出现，工单已暂停", "停止放板，叫线长", "线长查明原因后放行工单"),
            (
                "One failure repeats: the work order is on hold",
                "Place no more boards and call the leader", "Leader finds the cause and opens the order"
            )),
        entry(
            "CL-205", .hold,
            ("这块板的标识不在工单允许的范围内", "取下板子，按工单分开", "线长核对工单的标识规则"),
            (
                "This board's identity is not among those the order takes",
                "Remove the board and sort by work order", "Leader compares the order's identity rule"
            )),
        entry(
            "CL-206", .hold,
            ("待激活的板已到工单的离线上限", "停止放新板，把待定盘里的板放回工位激活", "线长决定是否继续"),
            (
                "As many boards wait for their activation as the order bears",
                "Place no new boards; place those of the HOLD tray again", "Leader decides whether to go on"
            )),
        entry(
            "CL-301", .permanent,
            ("MES 不允许这块板上线", "取下板子，放入红箱，看 MES 的说明", "线长查 MES"),
            (
                "The MES refuses this board",
                "Remove the board to the red bin and read what the MES says", "Leader looks it up in the MES"
            )),
        entry(
            "CL-302", .hold,
            ("MES 要求暂扣这块板", "取下板子，放入待定盘", "线长查 MES"),
            (
                "The MES holds this board",
                "Remove the board to the HOLD tray", "Leader looks it up in the MES"
            )),
        entry(
            "CL-303", .hold,
            ("MES 没有按时回答", "取下板子，放入待定盘，MES 恢复后重放", "IT 查 MES"),
            (
                "The MES did not answer in time whether the board may run",
                "Remove the board to the HOLD tray; place it again when the MES answers", "IT looks at the MES"
            )),
    ]
}
