import Provisioning

/// The lines of `reconciliation.csv`, made from the rows of `reconciliation.jsonl`.
enum ReconciliationTable {
    private static let texts = ["device_name", "identity", "order", "class", "state"]
    private static let cloud = ["iot_id", "state", "created_at", "activated_at", "online_at"]

    static let head =
        "\u{FEFF}"
        + (texts + ["unit", "notes", "packed", "owner", "open", "action"] + cloud.map { "cloud_" + $0 } + ["evidence"])
        .joined(separator: ",") + "\r"

    /// One row as a line without its last `\n`.
    static func line(_ row: JSONValue) -> String {
        func text(_ value: JSONValue) -> String {
            switch value {
            case .null: ""
            case .string(let text): CSVCell.text(text)
            case .int(let number): CSVCell.number(number)
            case .bool(let flag): flag ? "yes" : "no"
            default: CSVCell.text(value.text)
            }
        }
        let notes = (row["notes"].array ?? []).compactMap(\.string).joined(separator: " ")
        let cells =
            texts.map { text(row[$0]) } + [
                text(row["unit"]), text(notes.isEmpty ? .null : .string(notes)), text(row["packed"]),
                text(row["owner"]), text(row["open"]), text(row["action"]["key"]),
            ] + cloud.map { text(row["cloud"][$0]) } + [text(row["evidence"])]
        return cells.joined(separator: ",") + "\r"
    }
}
