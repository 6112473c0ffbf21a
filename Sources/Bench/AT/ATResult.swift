import Provisioning

/// What one command brought: its information lines, and what else was said meanwhile.
public struct ATResult: Sendable, Equatable {
    /// Information lines, prefix included, in order.
    public var lines: [String] = []
    /// Unsolicited lines that came while the command ran; empty for a command that carries a secret.
    public var urcs: [String] = []
}

/// A command line as it goes to the module, and what errors and logs call it. The line of a command with a secret is a
/// secret itself.
struct ATLine {
    /// Without CR.
    let bytes: [UInt8]
    /// Named in errors; never the line itself where that is a secret.
    let name: String
    let isSecret: Bool

    init(_ text: String) { (bytes, name, isSecret) = (Array(text.utf8), text, false) }

    /// - Parameter name: what people call the command: `the product secret's command`.
    init(secret line: Secret, name: String) {
        self.name = name
        bytes = line.withBytes { $0 }
        isSecret = true
    }
}
