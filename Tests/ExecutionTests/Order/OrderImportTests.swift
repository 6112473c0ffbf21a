import Foundation
import Journal
import Provisioning
import Testing

@testable import Execution

@Suite("Orders from a file")
struct OrderImportTests {
    private static func profiles() throws -> [String: BoardProfile] {
        let profile = BoardProfile(
            name: "esp32c3", titleZh: "板", titleEn: "board", chip: "esp32c3",
            identity: .init(kind: .mac, source: .efuseMAC, pattern: nil, isUIDIndependent: true),
            deviceName: try DeviceNameRule("{mac}"), macBlock: 4,
            flash: .init(
                method: .espressif, regions: [.init(name: "app", offset: 0x10000, size: 0x10000, file: "app.bin")],
                credential: .region(
                    .init(
                        name: "cred", offset: 0x110000, size: 0x3000, format: .nvs, namespace: "cred",
                        productKeyName: "product_key", productSecretName: "product_secret")),
                preserved: [.init(name: "nvs", offset: 0x9000, size: 0x6000)]),
            console: .init(baud: 115_200, ready: try ConsolePattern("ready"), version: nil, errors: []),
            budgets: .init(connect: .seconds(1), boot: .seconds(1), activate: .seconds(1)))
        return ["esp32c3": profile]
    }

    private static let head = "product_key,release,profile,quota"
    private static let good = "a1Tq7Wn2Xe0,1.0.0,esp32c3,500"

    /// What an import of the text is refused for.
    private func problems(_ text: String) async throws -> [String] {
        let bed = try await OrderBed()
        let context = bed.context(try Self.profiles())
        do {
            _ = try await StationCommand.orders(.importOrders(text: text)).perform(context)
            return []
        } catch let refusal as OrderImport.Refusal {
            #expect(try await bed.journal.orders().isEmpty, "half imported")
            return refusal.problems.map(\.description)
        }
    }

    @Test(
        "what is wrong is told by line and column",
        arguments: [
            ("", ["line 1: the file has no order"]), (head, ["line 1: the file has no order"]),
            ("product_key,release,profile\na,b,c", ["line 1 (quota): this column is missing"]),
            (
                head + ",colour,quota\n",
                [
                    "line 1, column 21 (profile): x", "line 1, column 29 (quota): stands twice in the header",
                    "line 1, column 35 (colour): is unknown",
                ]
            ),
            (head + "\n" + good + ",1", ["line 2: 5 cells, expected 4"]),
            (
                head + "\na1Tq7Wn2Xe0,1.0.0,esp32c3,many",
                ["line 2, column 27 (quota): received \"many\", expected a whole number"]
            ),
            (
                head + "\na1Tq7Wn2Xe0,1.0.0,esp32c3,0",
                ["line 2, column 27 (quota): received \"0\", expected 1 to 10000000"]
            ),
            (head + "\n,1.0.0,esp32c3,5", ["line 2, column 1 (product_key): is missing"]),
            (
                head + "\n\n\n" + good + "\na1Tq7Wn2Xe0,9.9.9,esp32c3,5\na-1,1.0.0,esp99,7",
                [
                    "line 5, column 13 (release): there is no release 9.9.9",
                    "line 6, column 1 (product_key): received \"a-1\"",
                    "line 6, column 11 (profile): received \"esp99\"",
                ]
            ),
            (
                head + ",mode,activation,window\n" + good + ",both,sample=1,today",
                [
                    "line 2, column 31 (mode): received \"both\"",
                    "line 2, column 36 (activation): received \"sample=1\"",
                    "line 2, column 45 (window): received \"today\"",
                ]
            ),
            (
                head + ",allow,run_limit\n" + good + ",oui:12,21",
                ["line 2, column 31 (allow): received \"oui:12\"", "line 2, column 38 (run_limit): received 21"]
            ),
            (head + ",label_scan\n" + good + ",maybe", ["line 2, column 31 (label_scan): received \"maybe\""]),
            (head + "\n\"a1", ["line 2: 1 cells, expected 4", "line 2: a quote is opened and never closed"]),
            (
                "[{\"product_key\": \"a1Tq7Wn2Xe0\", \"release\": \"1.0.0\",\n \"profile\": \"esp32c3\", \"quota\": true}]",
                ["line 2, column 24 (quota): received true, expected a whole number"]
            ),
            ("[\n1,\n{}]", ["line 2: expected an object", "line 3 (product_key): is missing", "line 3 (release)"]),
            ("{\"orders\": [\n{\"colour\": 1}]}", ["line 2 (product_key)", "line 2, column 2 (colour): is unknown"]),
            ("{\"order\": []}", ["line 1: expected a list of orders"]), ("[{]", ["line 1: is not JSON"]),
            ("[\n{\"quota\": 1.5}]", ["line 2: is not JSON without fractions"]),
        ] as [(String, [String])])
    func refusals(text: String, expected: [String]) async throws {
        let found = try await problems(text)
        for sentence in expected where !sentence.hasSuffix(": x") {
            #expect(found.contains { $0.hasPrefix(sentence) }, "\(sentence) is not in \(found)")
        }
        #expect(!found.isEmpty)
    }

    @Test("every order of a good file is made, in CSV with any separator as in JSON")
    func wholeFile() async throws {
        let csv = Self.head + ",first_article,allow,offline_boards\n"
        let texts = [
            csv + Self.good + ",no,oui:6055F9,50\n" + Self.good + ",,,\n",
            "\u{FEFF}"
                + (csv + Self.good + ",no,oui:6055F9,50\r\n\r\n" + Self.good + ",,,\r\n")
                .replacingOccurrences(of: ",", with: ";").replacingOccurrences(of: "\n", with: "\r\n"),
            csv.replacingOccurrences(of: ",", with: "\t")
                + (Self.good + ",no,\"oui:6055F9\",50\n" + Self.good + ",,,").replacingOccurrences(of: ",", with: "\t"),
            """
            {"orders": [
              {"product_key": "a1Tq7Wn2Xe0", "release": "1.0.0", "profile": "esp32c3", "quota": 500,
               "first_article": false, "allow": "oui:6055F9", "offline_boards": 50},
              {"product_key": "a1Tq7Wn2Xe0", "release": "1.0.0", "profile": "esp32c3", "quota": "500"}
            ]}
            """,
        ]
        for text in texts {
            let bed = try await OrderBed()
            _ = try await StationCommand.orders(.importOrders(text: text)).perform(
                bed.context(try Self.profiles()))
            let orders = try await bed.journal.orders()
            #expect(orders.map(\.id) == ["WO-0001", "WO-0002"], "\(text)")
            #expect(orders.map(\.quota) == [500, 500])
            #expect(orders.map(\.rules.firstArticle) == [false, true])
            #expect(orders.map(\.terms.identities) == [.oui(["6055F9"]), .any])
            #expect(orders.map(\.terms.limits.offlineBoards) == [50, nil])
        }
    }

    @Test("a list of identities stands in the file itself, as text or as a list", arguments: [true, false])
    func lists(isText: Bool) async throws {
        let bed = try await OrderBed()
        let allow = isText ? "\"list:6055F9000000 6055F9000004\"" : "[\"6055F9000000\", \"60:55:F9:00:00:04\"]"
        let text =
            "[{\"product_key\": \"a1\", \"release\": \"1.0.0\", \"profile\": \"esp32c3\", \"quota\": 2, \"allow\": \(allow)}]"
        _ = try await StationCommand.orders(.importOrders(text: text)).perform(bed.context(try Self.profiles()))
        guard case .list(2, _)? = try await bed.journal.orders().first?.terms.identities else {
            Issue.record("expected a list of two")
            return
        }
    }

    @Test("the templates can be imported as they are", arguments: [OrderImport.templateCSV, OrderImport.templateJSON])
    func templates(text: String) async throws {
        #expect(try await problems(text).isEmpty)
    }

    @Test("an amendment that is out of range is refused with every problem")
    func amendments() async throws {
        let bed = try await OrderBed()
        let order = try await bed.order()
        let wrong = OrderAmendment(quota: 0, window: "now", runLimit: .at(21))
        let error = await #expect(throws: StationCommand.CommandError.self) {
            try await StationCommand.orders(.amend(id: order.id, wrong, reason: "test")).perform(bed.context())
        }
        for field in ["quota", "window", "run_limit"] {
            #expect(error?.description.contains(field) == true, "\(String(describing: error))")
        }
        let right = OrderAmendment(
            quota: 20, window: "none", stepRetries: .at(0), offlineBoards: OrderAmendment.Limit.none)
        _ = try await StationCommand.orders(.amend(id: order.id, right, reason: "test")).perform(bed.context())
        #expect(try await bed.journal.order(order.id)?.terms.limits.stepRetries == 0)
    }
}
