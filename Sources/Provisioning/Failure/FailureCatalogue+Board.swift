extension FailureCatalogue {
    static let identify: [FailureEntry] = [
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
            "ID-108", .hold,
            ("上电后固件报告的标识与先前读到的不同", "取下板子，叫线长", "线长"),
            (
                "The firmware names another identity than was read before the power cycle",
                "Remove the board and call the leader", "Line leader"
            )),
        entry(
            "ID-109", .hold,
            ("扫描的标签不是这块板的", "取下板子和标签，放入待定盘", "线长核对标签"),
            (
                "The scanned label is not this board's",
                "Remove board and label to the HOLD tray", "Leader compares the labels"
            )),
        entry(
            "ID-110", .retryable,
            ("读取标识时板子断开", "重新放好板子再试", ""),
            (
                "The board went away while it was identified",
                "Place it again", ""
            )),
        entry(
            "ID-111", .retryable,
            ("没有在规定时间内扫描标签", "重新放好板子，扫描它的标签", ""),
            (
                "The board's label was not scanned in time",
                "Place the board again and scan its label", ""
            )),
    ]

    static let flash: [FailureEntry] = [
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
            "FL-108", .retryable,
            ("外部烧录工具失败或不是板型指定的工具", "再试一次", "工程师看记录和工具版本"),
            (
                "The external flasher failed, or is not the one the profile names",
                "Retry", "Engineer reads the log and checks the tool's version"
            )),
        entry(
            "FL-109", .retryable,
            ("固件没有接受产品凭证", "重新放好板子再试", "两次失败叫工程师"),
            (
                "The running firmware did not take the product credential",
                "Place it again", "After two failures call the engineer"
            )),
        entry(
            "FL-110", .retryable,
            ("写入时板子断开", "重新放好板子再试", ""),
            (
                "The board went away while it was flashed",
                "Place it again", ""
            )),
    ]

    static let verify: [FailureEntry] = [
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

    static let boot: [FailureEntry] = [
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
            "BT-105", .retryable,
            ("板子连不上产线网络", "重新放好板子再试", "两次失败叫工程师查天线"),
            (
                "The board could not join the line's network",
                "Place it again", "After two failures the engineer checks the antenna"
            )),
        entry(
            "BT-110", .retryable,
            ("启动时板子断开", "重新放好板子再试", ""),
            (
                "The board went away while it booted",
                "Place it again", ""
            )),
        entry(
            "BT-201", .hold,
            ("产线的接入点没有应答", "取下板子，放入待定盘", "网管查产线接入点"),
            (
                "The line's access point does not answer",
                "Remove the board to the HOLD tray", "IT checks the line's access point"
            )),
    ]
}
