import Provisioning
import Testing

@Suite("Record bodies are JSON with one text each")
struct JSONValueTests {
    @Test("keys are printed in byte order and nil is printed as null")
    func canonicalText() {
        let value: JSONValue = ["b": .init(nil as String?), "a": [1, true, "x\"\\\n\u{1}中"], "Z": .init(-5)]
        #expect(value.text == #"{"Z":-5,"a":[1,true,"x\"\\\n\u0001中"],"b":null}"#)
    }

    @Test(
        "what was printed is read back",
        arguments: [
            #"{"a":[1,true,null,"x"],"b":{"c":""}}"#, #"[]"#, #""text""#, #"9223372036854775807"#, #"false"#,
            #"[1,0,true]"#,
        ])
    func roundTrip(text: String) throws {
        #expect(try JSONValue(parsing: text).text == text)
    }

    @Test("floats and half texts are refused", arguments: ["1.5", "{", "", "nul", "18446744073709551616"])
    func refused(text: String) {
        #expect(throws: JSONValue.ParseError.self) { try JSONValue(parsing: text) }
    }
}
