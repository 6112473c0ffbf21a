import Provisioning

extension FuzzTarget {
    /// What a scanner sends: cards, labels with and without GS1.
    static let scan = FuzzTarget(
        "scan", limit: 1024,
        seeds: [
            "PS1:CMD:OK", "PS1:SLOT:1", "PS1:ORDER:wo-7", "PS1:BADGE:QmFkZ2U", "6055F9000001",
            "]d20109506000134352211234567890\u{1D}10LOT7", "(01)09506000134352(21)A-7(10)L", "]C1\u{1D}8004GRAI7",
        ].map { Array($0.utf8) }, words: ["PS1:", "CMD:", "(21)", "]d2", "\u{1D}", "21", "8004"]
    ) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        if let card = CardText(scanned: text) {
            try insist(CardText(scanned: card.text), equals: card, "a card scanned again")
            if case .badge = card {
                try insist(!"\(card)".contains(card.text.dropFirst(10)), "a badge that prints itself")
            }
        }
        let label = LabelText(text)
        try insist(label.candidates.count <= 4, "candidates of a label")
        for candidate in label.candidates {
            try insist(
                !candidate.isEmpty && candidate.utf8.count <= text.utf8.count, "a candidate longer than the label")
        }
        let board = BoardLabel()
        for kind in Identity.Kind.allCases {
            guard let identity = try orRefusal({ () throws(IdentityError) in try Identity(kind: kind, value: text) })
            else {
                continue
            }
            try insist(try Identity(kind: kind, value: identity.value), equals: identity, "an identity read again")
            try insist(identity.value.utf8.count <= 32, "an identity of \(identity.value.utf8.count) bytes")
            try insist(board.names(identity.value, identity: identity, deviceName: nil), "a label that names its board")
        }
    }

    /// What a line engineer writes in profiles: names of devices, rules.
    static let rules = FuzzTarget(
        "rules", limit: 256,
        seeds: [
            "lamp-{mac:lower:dash}", "{imei}", "any", "range:6055F9000000..6055F90FFFFF", "oui:6055F9,A0B1C2",
            "tac:86012304", "pattern:SN26[0-9]{6}",
        ].map { Array($0.utf8) },
        words: ["{mac", ":lower", "}", "range:", "..", "oui:", "pattern:", "(a+)+", "[", "\\p{"]
    ) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        if let rule = try orRefusal({ () throws(DeviceNameRule.RuleError) in try DeviceNameRule(text) }) {
            try insist(rule.description, equals: text, "a rule printed again")
            for value in ["6055F9000001", "867160040000001", "SN26000001", "89860012345678901234"] {
                guard let identity = try? Identity(kind: rule.kind, value: value) else { continue }
                guard let name = try orRefusal({ () throws(IdentityError) in try rule.name(for: identity) }) else {
                    continue
                }
                try insist(try DeviceName(name.text), equals: name, "a DeviceName read again")
                try insist(name.text.utf8.count <= 32, "a DeviceName of \(name.text.utf8.count) bytes")
            }
        }
        for kind in Identity.Kind.allCases {
            _ = try orRefusal { () throws(IdentityRule.RuleError) in try IdentityRule(text, kind: kind) }
        }
        // A cell of a table, as spreadsheets read it.
        let cell = CSVCell.text(text)
        let inner = cell.hasPrefix("\"") ? String(cell.dropFirst().dropLast()).replacing("\"\"", with: "\"") : cell
        try insist(
            !(inner.unicodeScalars.first.map { "=+-@\t\r".unicodeScalars.contains($0) } ?? false),
            "a cell that a spreadsheet runs as a formula")
    }
}
