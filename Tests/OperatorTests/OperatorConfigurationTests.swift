import Operator
import Testing

@Suite("Where the page is served")
struct OperatorConfigurationTests {
    @Test("on this machine alone unless it is told otherwise")
    func loopback() { #expect(OperatorConfiguration().host == "127.0.0.1") }
}
