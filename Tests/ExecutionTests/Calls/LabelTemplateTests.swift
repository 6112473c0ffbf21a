import Provisioning
import Testing

@testable import Execution

@Suite("A label's template")
struct LabelTemplateTests {
    @Test("known places are filled in, the rest is left as it is")
    func fills() throws {
        let template = try LabelTemplate("^XA^FD{device_name}^FS^FD{order}/{serial} 工单^FS^XZ")
        #expect(
            try template.filled([.deviceName: "D1", .order: "WO-0001", .serial: "000012"])
                == "^XA^FDD1^FS^FDWO-0001/000012 工单^FS^XZ")
    }

    @Test(
        "a place that is not known, not closed, or none at all is refused with what there is",
        arguments: ["{mac}", "a{device_name", "fixed", "{}"])
    func refused(text: String) {
        let problem = #expect(throws: LabelTemplate.Problem.self) { try LabelTemplate(text) }
        #expect(problem?.description.contains("{device_name}") == true)
    }

    @Test("a value that the printer would take for a command is refused", arguments: ["^XA", "a~JA", "a\nb", "\u{1B}"])
    func commands(value: String) throws {
        let template = try LabelTemplate("{identity}")
        let problem = #expect(throws: LabelTemplate.Problem.self) { try template.filled([.identity: value]) }
        #expect(problem?.description.contains("{identity}") == true)
    }

    @Test("only DeviceName or identity tell a unit from every other")
    func unique() throws {
        #expect(try LabelTemplate("{device_name}").isUnique && LabelTemplate("SN:{identity}").isUnique)
        #expect(try !LabelTemplate("{order}-{serial}").isUnique)
    }
}
