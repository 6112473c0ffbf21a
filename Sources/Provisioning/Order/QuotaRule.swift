/// How units count against an order's quota, as it is printed with every order.
public enum QuotaRule {
    public static let zh =
        "每块首次登记的板占一个名额；失败、待定、待激活的板保留名额，可以重测；只有报废且经证实擦除，或销毁有两人签字，名额才退回。"
    public static let en =
        "Every unit takes a place with its first claim. A unit that failed, is on hold or waits for its activation keeps its "
        + "place and may be retested; the place comes back only when the unit is scrapped and its erase was proved, or two "
        + "people signed for its destruction."
}
