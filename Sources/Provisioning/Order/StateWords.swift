extension WorkOrder.State {
    /// What people call it in Chinese.
    public var zh: String {
        switch self {
        case .draft: "草稿"
        case .open: "生产中"
        case .held: "暂停"
        case .closing: "关闭中"
        case .closed: "已关闭"
        case .terminated: "已终止"
        }
    }
}

extension BoardUnit.State {
    /// What people call it in Chinese.
    public var zh: String {
        switch self {
        case .claimed: "运行中"
        case .failed: "不良"
        case .awaitingActivation: "等待激活"
        case .passed: "合格"
        case .done: "完成（未激活）"
        case .held: "待定"
        case .scrapped: "已报废"
        case .replaced: "已被替换"
        }
    }
}
