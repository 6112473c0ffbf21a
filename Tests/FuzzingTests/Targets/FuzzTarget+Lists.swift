import Foundation
import Fuzzing
import Provisioning

@testable import Execution
@testable import Operator
@testable import Reports

extension FuzzTarget {
    private static let board: BoardProfile? = try? BoardProfile(
        name: "esp32c3", titleZh: "板", titleEn: "board", chip: "esp32c3",
        identity: .init(kind: .mac, source: .efuseMAC, pattern: nil, isUIDIndependent: true),
        deviceName: DeviceNameRule("{mac}"), macBlock: 4,
        flash: .init(
            method: .espressif, regions: [.init(name: "app", offset: 0x10000, size: 0x10000, file: "app.bin")],
            credential: .region(
                .init(
                    name: "cred", offset: 0x110000, size: 0x3000, format: .nvs, namespace: "cred",
                    productKeyName: "product_key", productSecretName: "product_secret")),
            preserved: []),
        console: .init(baud: 115_200, ready: try ConsolePattern("ready"), version: nil, errors: []),
        budgets: .init(connect: .seconds(1), boot: .seconds(1), activate: .seconds(1)))

    /// Orders of a file, CSV or JSON.
    static let orderImport = FuzzTarget(
        "order-import", limit: 16384,
        seeds: [OrderImport.templateCSV, OrderImport.templateJSON].map { Array($0.utf8) },
        words: [
            "\"\"", "\r\n", ";", "\t", "quota", "9223372036854775807", "list:", "range:", "{", "\"orders\":", "allow",
        ], count: 300
    ) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        let lines = 1 + text.count(where: \.isNewline)
        let read = OrderImport(text, profiles: board.map { [$0.name: $0] } ?? [:])
        try insist(!read.orders.isEmpty || !read.problems.isEmpty, "neither orders nor a problem")
        for problem in read.problems {
            try insist((1...max(1, lines)).contains(problem.line), "a problem on line \(problem.line) of \(lines)")
            try insist(!problem.en.isEmpty && !problem.zh.isEmpty, "a problem without words")
            _ = (problem.json.text, problem.description)
        }
    }

    /// What a packing scanner wrote.
    static let packingList = FuzzTarget(
        "packing-list",
        seeds: ["device_name\n6055F9000001\n6055F9000005\n", "\u{FEFF}no;mac\n1;60:55:F9:00:00:01\n"].map {
            Array($0.utf8)
        },
        words: ["\u{FEFF}", "mac", ";", "\r\n", "\"", "6055F9000001"]
    ) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        let list = try orRefusal { () throws(PackedList.ListError) in
            try PackedList(text: text, rule: board?.deviceName)
        }
        guard let list else { return }
        try insist(!list.names.isEmpty, "an empty list that is one")
        try insist(Set(list.names.map(\.key)).count, equals: list.names.count, "names of a list")
    }

    /// Identities that are known in advance.
    static let identityList = FuzzTarget(
        "identity-list", seeds: ["mac\n6055F9000001\n6055F9000005\n", "6055F9000009,x\n"].map { Array($0.utf8) },
        words: ["identity", "mac", ";", "\r\n", "\"", "6055F9000001", "\u{FEFF}"]
    ) { bytes in
        guard let board else { throw Broken("there is no profile") }
        let text = String(decoding: bytes, as: UTF8.self)
        let list = try orRefusal { () throws(IdentityList.ListError) in try IdentityList(csv: text, profile: board) }
        guard let list else { return }
        try insist(Set(list.names.map { $0.lowercased() }).count, equals: list.names.count, "names of a list")
        for name in list.names { try insist(try DeviceName(name).text, equals: name, "a DeviceName read again") }
    }

    /// What is printed on labels.
    static let labelTemplate = FuzzTarget(
        "label-template", seeds: ["^XA^FD{device_name}^FS^XZ", "{identity} {order}"].map { Array($0.utf8) },
        words: ["{device_name}", "{", "}", "^FD", "~"]
    ) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        guard let template = try orRefusal({ () throws(LabelTemplate.Problem) in try LabelTemplate(text) }) else {
            return
        }
        for value in ["lamp-1", "^XZ", text] {
            let values = Dictionary(uniqueKeysWithValues: LabelTemplate.Field.allCases.map { ($0, value) })
            guard let filled = try orRefusal({ () throws(LabelTemplate.Problem) in try template.filled(values) }) else {
                continue
            }
            try insist(!value.contains("^"), "a printer's command in a value: \(filled.prefix(40))")
        }
    }

    /// A command at the daemon's socket.
    static let command = FuzzTarget(
        "command",
        seeds: [
            StationCommand.confirmFirstArticle(order: "wo-1", reason: "looked at it"),
            .holdUnit(deviceName: "lamp-1", reason: "r"),
            .importBaseline(productKey: "a1", names: ["x"], replaces: false, reason: "r"),
            .settleRestore(taken: ["a": "b"], rest: nil, explained: [], reason: "r"),
            .terminateBatch(order: "wo-1", packed: nil, exceptions: ["held": "r"], second: "b", reason: "r"),
        ].compactMap { try? Array(JSONEncoder().encode($0)) },
        words: ["null", "{}", "[]", "\"_0\":", "1e99", "\"orders\":", "\\u0000"]
    ) { bytes in
        guard let command = try? JSONDecoder().decode(StationCommand.self, from: Data(bytes)) else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let text = try encoder.encode(command)
        try insist(
            try encoder.encode(JSONDecoder().decode(StationCommand.self, from: text)), equals: text,
            "a command read again")
    }

    /// A form that is uploaded, as its bytes come.
    static let multipart = FuzzTarget(
        "multipart", limit: 12000,
        seeds: [
            "--b\r\nContent-Disposition: form-data; name=\"version\"\r\n\r\n1.0.0\r\n--b\r\nContent-Disposition: form-data; "
                + "name=\"file\"; filename=\"app.bin\"\r\nContent-Type: application/octet-stream\r\n\r\n\r\n--\r\n-b\r\n--b--\r\n"
        ].map { Array($0.utf8) }, words: ["\r\n--b", "--", "\r\n\r\n", "name=\"", "Content-Disposition: form-data; "],
        count: 200
    ) { bytes in
        try Portions.check(bytes) { (portions) -> [MultipartForm.Piece] in
            guard var form = MultipartForm(contentType: "multipart/form-data; boundary=b") else { return [] }
            var pieces: [MultipartForm.Piece] = []
            for portion in portions {
                guard let more = try? form.take(portion) else {
                    // What came before a refusal is dropped with it.
                    return [.begin(.init(name: "refused", fileName: nil))]
                }
                pieces += more
            }
            return merged(pieces)
        }
        _ = MultipartForm(contentType: String(decoding: bytes, as: UTF8.self))
    }

    private static func merged(_ pieces: [MultipartForm.Piece]) -> [MultipartForm.Piece] {
        pieces.reduce(into: []) { found, piece in
            if case .bytes(let more) = piece, case .bytes(let bytes)? = found.last {
                found[found.count - 1] = .bytes(bytes + more)
            } else {
                found.append(piece)
            }
        }
    }
}
