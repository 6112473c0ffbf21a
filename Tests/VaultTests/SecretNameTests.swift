import Testing

@testable import Vault

@Suite("Names of secrets")
struct SecretNameTests {
    @Test(
        "a name is read and written back unchanged",
        arguments: ["product/a1B2c3D4e5F", "access-key/LTAI5tExample", "product/-x_9", "access-key/k"])
    func roundTrip(text: String) throws {
        let name = try SecretName(text)
        #expect(name.description == text)
        #expect(SecretName(fileName: name.fileName) == name)
    }

    @Test(
        "a text that is no name is refused",
        arguments: [
            "", "product", "product/", "/x", "device/x", "Product/x", "product/a b", "product/../key", "product/a/b",
            "product/a.b", "product/产品", "access-key/\n", "product/" + String(repeating: "x", count: 65),
        ])
    func refused(text: String) {
        #expect(refusal { _ = try SecretName(text) } == .name)
    }

    @Test("the refusal does not repeat what was given: it may be the secret itself")
    func silence() {
        #expect(!refusalSentence { _ = try SecretName("hunter2hunter2") }.contains("hunter2"))
        #expect(!refusalSentence { _ = try SecretName("product/hunter2 hunter2") }.contains("hunter2"))
    }

    @Test(
        "a file that is no sealed secret stands for no name",
        arguments: ["key", ".new", "product.sealed", "product.a.b.sealed", "other.a.sealed", "product.a.sealed.bak"])
    func foreignFile(fileName: String) {
        #expect(SecretName(fileName: fileName) == nil)
    }
}
