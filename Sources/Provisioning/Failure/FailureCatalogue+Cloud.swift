extension FailureCatalogue {
    static let register: [FailureEntry] = [
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
            "RG-106", .hold,
            ("该设备名下有不明的 ClientID", "取下板子，放入待定盘", "线长保留其一或全部清除"),
            (
                "This name has ClientIDs that no run of this unit explains",
                "Remove the board to the HOLD tray", "Leader keeps one (switch) or removes all (clear)"
            )),
        entry(
            "RG-107", .hold,
            ("该产品的认证方式不是一型一密可用的密钥认证", "停止放板，叫工程师", "工程师核对产品"),
            (
                "This product's devices do not authenticate by secret, so they cannot register with a ProductSecret",
                "Stop placing boards, call the engineer", "Engineer checks the product"
            )),
        entry(
            "RG-108", .hold,
            ("该设备名下的 ClientID 已达上限", "取下板子，放入待定盘", "线长查重后清除 ClientID"),
            (
                "This name has all the ClientIDs the cloud allows",
                "Remove the board to the HOLD tray", "Leader looks for duplicates, then clears the ClientIDs"
            )),
        entry(
            "RG-109", .hold,
            ("无法在云端重置设备", "取下板子，放入待定盘", "工程师检查第二把密钥"),
            (
                "The device could not be reset in the cloud",
                "Remove the board to the HOLD tray", "Engineer checks the second AccessKey"
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

    static let activate: [FailureEntry] = [
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
            "AC-104", .hold,
            ("设备此前已激活，须先重置", "取下板子，放入待定盘", "线长确认同一块板后重置"),
            (
                "The device was activated before: it registers again only after a reset",
                "Remove the board to the HOLD tray", "Leader orders a reset, for the same board only"
            )),
        entry(
            "AC-105", .retryable,
            ("板子未能证明已保存凭证", "重新放一次；再失败则送修", "工程师看控制台记录"),
            (
                "The board did not prove that it stored the credential it was handed",
                "Place it again; if it fails again, to repair", "Engineer reads the console"
            )),
        entry(
            "AC-106", .permanent,
            ("固件的注册请求格式错误或未用 TLS", "送修，叫工程师", "工程师更换固件"),
            (
                "The firmware's registration is malformed or not over TLS",
                "To repair, call the engineer", "Engineer corrects the firmware"
            )),
        entry(
            "AC-107", .retryable,
            ("板子没有接收凭证", "重新放一次；再失败则送修", "工程师看控制台记录"),
            (
                "The board did not take the credential it was handed",
                "Place it again; if it fails again, to repair", "Engineer reads the console"
            )),
        entry(
            "AC-108", .hold,
            ("云端拒绝了刚为该板签发的凭证", "取下板子，放入待定盘", "线长查是否另有人在注册同名设备"),
            (
                "The cloud refused the credential that it had just issued for the board",
                "Remove the board to the HOLD tray", "Leader looks for somebody else registering this name"
            )),
        entry(
            "AC-109", .retryable,
            ("不能证明板上的产线网络已清除", "重新放好板子再试", "两次失败叫工程师"),
            (
                "The line's network could not be proved wiped from the board",
                "Place it again", "After two failures call the engineer"
            )),
        entry(
            "AC-110", .retryable,
            ("激活时板子断开", "重新放好板子再试", ""),
            (
                "The board went away before the cloud proved its activation",
                "Place it again", ""
            )),
        entry(
            "AC-111", .permanent,
            ("板子的状态不符合出货要求", "取下板子，叫工程师", "工程师核对版本的出货状态"),
            (
                "The board is not in the state in which its release must ship",
                "Remove the board and call the engineer", "Engineer checks what the release states for shipping"
            )),
        entry(
            "AC-201", .hold,
            ("等待激活时云端不可用", "取下板子，放入待定盘，恢复后重放", ""),
            (
                "The cloud could not be asked for the activation",
                "Remove the board to the HOLD tray; place it again when the cloud is back", "IT if it lasts"
            )),
    ]

    static let station: [FailureEntry] = [
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
        entry(
            "ST-107", .hold,
            ("一个工位上有两块板子", "两块都取下，再放一块", ""),
            (
                "Two boards are on one slot",
                "Remove both and place one", ""
            )),
        entry(
            "ST-108", .hold,
            ("板子插在没有登记的端口上", "把板子放到工位上", "工程师登记端口 (station slot map)"),
            (
                "A board is on a port that belongs to no slot",
                "Place the board on a slot", "Engineer maps the port (station slot map)"
            )),
        entry(
            "ST-109", .hold,
            ("板子在运行中换了工位，未再写入", "取下板子，叫线长", "线长"),
            (
                "The board moved to another slot while it ran; nothing more was written",
                "Remove the board and call the leader", "Line leader"
            )),
        entry(
            "ST-111", .hold,
            ("端口回来后是另一个设备，未再写入", "取下板子，重新放好", "工程师查连接线和集线器"),
            (
                "The slot's port came back as another device; nothing more was written",
                "Remove the board and place it again", "Engineer checks cable and hub"
            )),
        entry(
            "ST-112", .hold,
            ("磁盘快满了，不再开始新板", "停止放板，叫 IT", "IT 腾出磁盘空间"),
            (
                "The disk is nearly full; no board begins",
                "Stop placing boards, call IT", "IT makes room on the disk"
            )),
        entry(
            "ST-201", .hold,
            ("云端出现本站记录无法解释的设备", "叫线长", "线长在控制台关闭动态注册并通知品牌方"),
            (
                "A device is active, or exists, that no record of this station explains",
                "Call the leader", "Leader turns dynamic registration off in the console and tells the brand owner"
            )),
        entry(
            "ST-202", .hold,
            ("本站记录是从备份恢复的，或比已见过的旧，暂停生产", "取下板子，叫线长", "线长核对云端设备 (station restore settle)"),
            (
                "The journal was restored from a backup, or is older than what was last seen",
                "Remove the board and call the leader",
                "Leader accounts for the cloud's devices (station restore settle)"
            )),
        entry(
            "ST-203", .hold,
            ("本站的数据目录换了地方，或另有一份拷贝在工作，暂停生产", "取下板子，叫线长", "线长查明另一份拷贝并停用，再说明原因 (station restore settle)"),
            (
                "The station's data folder is not where it was, or a copy of it is at work elsewhere",
                "Remove the board and call the leader",
                "Leader finds the other copy and switches it off, then gives the reason (station restore settle)"
            )),
        entry(
            "ST-301", .hold,
            ("标签机打不出标签，板子已合格", "查标签机的纸、盖、电源；恢复后自动再打", "工程师查标签机"),
            (
                "The label printer does not print; the board itself is good",
                "Look at its paper, cover and power; it prints by itself when the printer is back",
                "Engineer looks at the printer"
            )),
        entry(
            "ST-302", .hold,
            ("标签没有按时在本工位扫描", "贴好标签并扫描；标签丢了就扫“重打标签”", ""),
            (
                "The printed label was not scanned at its slot in time",
                "Stick the label on and scan it; scan REPRINT if it is lost", ""
            )),
        entry(
            "ST-303", .retryable,
            ("扫的不是本工位打印的标签", "扫刚从标签机取下的那张", "多次不对叫线长"),
            (
                "The scanned label is not the one printed for this slot",
                "Scan the label that has just come out of the printer", "If it happens again call the leader"
            )),
        entry(
            "ST-304", .hold,
            ("标签内容已属于另一块板", "取下板子，放入待定盘，叫线长", "线长核对两块板"),
            (
                "The label's text already belongs to another unit",
                "Remove the board to the HOLD tray and call the leader", "Leader compares the two units"
            )),
    ]
}
