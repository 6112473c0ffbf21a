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

    private static func entry(
        _ code: String, _ treatment: FailureEntry.Treatment, _ zh: (String, String, String),
        _ en: (String, String, String)
    ) -> FailureEntry {
        FailureEntry(
            code: code, treatment: treatment, zh: .init(happened: zh.0, action: zh.1, help: zh.2),
            en: .init(happened: en.0, action: en.1, help: en.2))
    }

    private static let identify: [FailureEntry] = [
        entry(
            "ID-101", .retryable,
            ("板子在下载模式下没有应答", "重新放好板子再试", "两次失败叫工程师检查治具"),
            (
                "The board did not answer in its download loader",
                "Seat the board again and retry", "After two failures call the engineer to check the fixture"
            )),
        entry(
            "ID-102", .retryable,
            ("串口上只有乱码", "检查排线和供电后重试", "仍有乱码叫工程师"),
            (
                "Only noise came over the serial line",
                "Check cable and power, then retry", "Call the engineer if it stays"
            )),
        entry(
            "ID-103", .permanent,
            ("芯片型号与板型不符", "取下板子，放入不良盘", "叫工程师核对板型"),
            (
                "The chip is not the one the board profile names",
                "Remove the board to the reject tray", "Engineer checks the board profile"
            )),
        entry(
            "ID-104", .permanent,
            ("板子的标识不合格", "取下板子，放入不良盘", "通知工程师"),
            (
                "The board's identity failed its checks",
                "Remove the board to the reject tray", "Tell the engineer"
            )),
        entry(
            "ID-105", .permanent,
            ("板子里没有要求的标识", "取下板子，放入不良盘", "通知工程师"),
            (
                "The board carries no identity of the required kind",
                "Remove the board to the reject tray", "Tell the engineer"
            )),
        entry(
            "ID-106", .hold,
            ("板子在运行中被换过，未写入", "取下板子，叫线长", "线长"),
            (
                "Another board answered than the one identified; nothing more was written",
                "Remove the board and call the leader", "Line leader"
            )),
        entry(
            "ID-107", .permanent,
            ("芯片已锁定，不能读写", "取下板子，放入不良盘", "通知工程师"),
            (
                "The chip is locked (secure download mode)",
                "Remove the board to the reject tray", "Tell the engineer"
            )),
        entry(
            "ID-110", .retryable,
            ("读取标识时板子断开", "重新放好板子再试", ""),
            (
                "The board went away while it was identified",
                "Place it again", ""
            )),
    ]

    private static let claim: [FailureEntry] = [
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
    ]

    private static let register: [FailureEntry] = [
        entry(
            "RG-101", .hold,
            ("云端已有同名设备，不是本站创建", "取下板子，放入待定盘", "线长与品牌方核对"),
            (
                "The cloud already has this DeviceName and this station did not create it",
                "Remove the board to the HOLD tray", "Leader checks with the brand owner"
            )),
        entry(
            "RG-102", .hold,
            ("云端没有这个产品", "停止放板，叫工程师", "工程师"),
            (
                "The cloud does not know this product",
                "Stop placing boards, call the engineer", "Engineer"
            )),
        entry(
            "RG-103", .hold,
            ("云端拒绝了本站的密钥或权限", "停止放板，叫工程师", "工程师 / IT"),
            (
                "The cloud refused the station's AccessKey or its permission",
                "Stop placing boards, call the engineer", "Engineer, IT"
            )),
        entry(
            "RG-104", .hold,
            ("云端设备数量已满", "停止放板，叫线长", "品牌方增加额度"),
            (
                "The cloud's device quota is used up",
                "Stop placing boards, call the leader", "Brand owner extends the quota"
            )),
        entry(
            "RG-105", .hold,
            ("设备在云端被删除或重建", "取下板子，放入待定盘", "线长与品牌方核对"),
            (
                "The device was deleted or made again in the cloud behind the station",
                "Remove the board to the HOLD tray", "Leader checks with the brand owner"
            )),
        entry(
            "RG-201", .hold,
            ("云端暂时不可用", "取下板子，放入待定盘，恢复后重放", ""),
            (
                "The cloud cannot be reached or is busy",
                "Remove the board to the HOLD tray; place it again when the cloud is back", "IT if it lasts"
            )),
        entry(
            "RG-202", .hold,
            ("产品的动态注册开关已关闭", "取下板子，放入待定盘", "线长在控制台打开开关"),
            (
                "The product's dynamic-registration switch is off",
                "Remove the board to the HOLD tray", "Leader turns the switch on in the console"
            )),
        entry(
            "RG-203", .hold,
            ("ProductSecret 与云端不符", "停止放板，叫工程师", "工程师重新录入密钥"),
            (
                "The ProductSecret does not match the cloud's",
                "Stop placing boards, call the engineer", "Engineer enters the secret again"
            )),
        entry(
            "RG-204", .hold,
            ("云端拒绝注册：开关关闭或密钥不符，无法分辨", "取下板子，放入待定盘", "线长在控制台核对开关与密钥"),
            (
                "The cloud refuses registrations: the switch is off or the ProductSecret is wrong, it cannot be told which",
                "Remove the board to the HOLD tray", "Leader checks switch and secret in the console"
            )),
        entry(
            "RG-301", .permanent,
            ("云端拒绝登记设备名", "取下板子，放入不良盘", "工程师看记录"),
            (
                "The cloud refused to register the DeviceName",
                "Remove the board to the reject tray", "Engineer reads the record"
            )),
    ]

    private static let flash: [FailureEntry] = [
        entry(
            "FL-101", .retryable,
            ("写入前引导程序没有应答", "重新放好板子再试", "两次失败叫工程师"),
            (
                "The loader stopped answering before or during the write",
                "Seat the board again and retry", "After two failures call the engineer"
            )),
        entry(
            "FL-102", .permanent,
            ("闪存块写入失败", "取下板子，放入不良盘", "工程师：检查供电与闪存"),
            (
                "A flash block could not be written",
                "Remove the board to the reject tray", "Engineer checks power and flash chip"
            )),
        entry(
            "FL-103", .permanent,
            ("擦除超时", "取下板子，放入不良盘", "工程师：检查闪存"),
            (
                "Erasing took longer than the flash chip may need",
                "Remove the board to the reject tray", "Engineer checks the flash chip"
            )),
        entry(
            "FL-104", .retryable,
            ("写入时串口干扰过大", "检查排线和供电后重试", "叫工程师检查治具"),
            (
                "Too much noise on the line while writing",
                "Check cable and power, then retry", "Engineer checks the fixture"
            )),
        entry(
            "FL-105", .hold,
            ("固件文件与发布时不同，未写入", "停止放板，叫工程师", "工程师"),
            (
                "The release on disk is not what was released; nothing was written",
                "Stop placing boards, call the engineer", "Engineer"
            )),
        entry(
            "FL-106", .hold,
            ("本站没有该产品的密钥", "停止放板，叫工程师", "工程师录入密钥"),
            (
                "The station holds no credential for this product",
                "Stop placing boards, call the engineer", "Engineer enters the product credential"
            )),
        entry(
            "FL-107", .hold,
            ("固件与板型的分区不符，未写入", "停止放板，叫工程师", "工程师"),
            (
                "The release does not fit the board profile's memory map; nothing was written",
                "Stop placing boards, call the engineer", "Engineer"
            )),
        entry(
            "FL-110", .retryable,
            ("写入时板子断开", "重新放好板子再试", ""),
            (
                "The board went away while it was flashed",
                "Place it again", ""
            )),
    ]

    private static let verify: [FailureEntry] = [
        entry(
            "VF-101", .permanent,
            ("校验不一致", "取下板子，放入不良盘", "工程师：更换闪存"),
            (
                "The flash does not hold what was written",
                "Remove the board to the reject tray", "Engineer replaces the flash chip"
            )),
        entry(
            "VF-102", .retryable,
            ("校验时没有应答", "重新放好板子再试", ""),
            (
                "The loader stopped answering during verify",
                "Seat the board again and retry", ""
            )),
        entry(
            "VF-110", .retryable,
            ("校验时板子断开", "重新放好板子再试", ""),
            (
                "The board went away while it was verified",
                "Place it again", ""
            )),
    ]

    private static let boot: [FailureEntry] = [
        entry(
            "BT-101", .permanent,
            ("固件没有启动完成", "取下板子，放入不良盘", "工程师看启动记录"),
            (
                "The firmware did not report ready in time",
                "Remove the board to the reject tray", "Engineer reads the boot log"
            )),
        entry(
            "BT-102", .permanent,
            ("固件镜像无效，反复启动", "取下板子，放入不良盘", "工程师看启动记录"),
            (
                "The board refuses its image or boots in a loop",
                "Remove the board to the reject tray", "Engineer reads the boot log"
            )),
        entry(
            "BT-103", .permanent,
            ("固件崩溃", "取下板子，放入不良盘", "工程师看启动记录"),
            (
                "The firmware crashed",
                "Remove the board to the reject tray", "Engineer reads the boot log"
            )),
        entry(
            "BT-104", .permanent,
            ("固件版本与工单不符", "取下板子，叫工程师", "工程师"),
            (
                "The firmware reports another version than the order's release",
                "Remove the board and call the engineer", "Engineer"
            )),
        entry(
            "BT-110", .retryable,
            ("启动时板子断开", "重新放好板子再试", ""),
            (
                "The board went away while it booted",
                "Place it again", ""
            )),
    ]

    private static let activate: [FailureEntry] = [
        entry(
            "AC-101", .retryable,
            ("云端没有看到设备激活", "重新放好板子再试一次", "再失败送维修"),
            (
                "The cloud did not see the device activate in time",
                "Place the board once more", "To repair if it fails again"
            )),
        entry(
            "AC-102", .permanent,
            ("云端拒绝这块板的注册", "取下板子，放入不良盘", "工程师：板内密钥不对"),
            (
                "The cloud refused this board's registration",
                "Remove the board to the reject tray", "Engineer: the board signs with another credential"
            )),
        entry(
            "AC-103", .hold,
            ("设备在云端被禁用", "取下板子，放入待定盘", "线长"),
            (
                "The device is disabled in the cloud",
                "Remove the board to the HOLD tray", "Line leader"
            )),
        entry(
            "AC-110", .retryable,
            ("激活时板子断开", "重新放好板子再试", ""),
            (
                "The board went away before the cloud proved its activation",
                "Place it again", ""
            )),
        entry(
            "AC-201", .hold,
            ("等待激活时云端不可用", "取下板子，放入待定盘，恢复后重放", ""),
            (
                "The cloud could not be asked for the activation",
                "Remove the board to the HOLD tray; place it again when the cloud is back", "IT if it lasts"
            )),
    ]

    private static let station: [FailureEntry] = [
        entry(
            "ST-101", .hold,
            ("日志写不进磁盘，本站停止", "停止放板，叫 IT", "IT"),
            (
                "The journal cannot be written; the station stops",
                "Stop placing boards, call IT", "IT"
            )),
        entry(
            "ST-102", .hold,
            ("治具供电或复位控制失败", "取下板子，叫工程师", "工程师检查治具"),
            (
                "The slot's power or reset control failed",
                "Remove the board and call the engineer", "Engineer checks the fixture"
            )),
        entry(
            "ST-103", .hold,
            ("串口打不开", "叫工程师", "工程师 / IT：权限或被占用"),
            (
                "The slot's port cannot be opened",
                "Call the engineer", "Engineer, IT: permission, or in use"
            )),
        entry(
            "ST-104", .retryable,
            ("本站正在停止，运行中止", "取下板子，重启后重放", ""),
            (
                "The station is stopping; the run was aborted",
                "Place the board again after the restart", ""
            )),
        entry(
            "ST-105", .retryable,
            ("上次运行因断电或崩溃中断", "把板子再放一次", ""),
            (
                "The run was cut off by a crash or power loss",
                "Place the board again", ""
            )),
        entry(
            "ST-106", .hold,
            ("本站内部错误", "取下板子，叫工程师", "工程师看记录"),
            (
                "The station met an error it does not know",
                "Remove the board and call the engineer", "Engineer reads the log"
            )),
    ]
}
