import Provisioning
import Reports
import Testing

@Suite("A packing list is read as it comes: CSV, a list, or what a scanner wrote")
struct PackedListTests {
    @Test(
        "identities and names, with and without a head, are DeviceNames",
        arguments: [
            "6055F9000004\n6055F9000008\n", "mac;box\n60:55:f9:00:00:04;1\n6055f9000008;1\n",
            "\u{FEFF}box,device_name\r\n1,\"LAMP-6055F9000004\"\r\n1,lamp-6055f9000008\r\n",
            "\n6055F9000004\t1\n\n60-55-F9-00-00-08\t1\n",
        ])
    func taken(_ text: String) throws {
        let list = try PackedList(text: text, rule: try DeviceNameRule("LAMP-{mac}"))
        #expect(list.names.map(\.key) == ["lamp-6055f9000004", "lamp-6055f9000008"])
    }

    @Test("a board that stands in it twice keeps both lines")
    func twice() throws {
        let list = try PackedList(text: "6055F9000004\nabcd\n60:55:F9:00:00:04\n", rule: try DeviceNameRule("{mac}"))
        #expect(list.names.map(\.lines) == [[1, 3], [2]])
    }

    @Test("all problems are named, with their lines")
    func problems() throws {
        let error = #expect(throws: PackedList.ListError.self) {
            try PackedList(text: "mac,box\nAB,1\n6055F9000004,1\n,2\nnot a name,3\n", rule: try DeviceNameRule("{mac}"))
        }
        #expect(error?.problems.map { $0.prefix(7) } == ["line 2:", "line 4:", "line 5:"])
        #expect(throws: PackedList.ListError.self) { try PackedList(text: "\n\n", rule: nil) }
    }
}
