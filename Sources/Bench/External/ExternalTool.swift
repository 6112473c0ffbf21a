public import Provisioning

/// How a board profile has an external program write its boards: the program, its commands, and what its lines mean.
public struct ExternalTool: Sendable, Equatable {
    /// How it is told that flash holds what was written. There is no tool without it.
    public enum Verification: Sendable, Equatable {
        /// The command compares `{file}` with flash and says by status 0 that they are equal.
        case status(ToolTemplate)
        /// The command reads `{size}` bytes of flash into `{file}`, and the station compares them.
        case readBack(ToolTemplate)
    }

    /// A line of output that says what went wrong.
    public struct Failure: Sendable, Equatable {
        public let pattern: ConsolePattern
        public let kind: LoaderError.Kind

        public init(_ pattern: ConsolePattern, _ kind: LoaderError.Kind) {
            self.pattern = pattern
            self.kind = kind
        }
    }

    /// As the journal names it.
    public var name: String
    /// An absolute path, or a name that is looked up in `PATH`.
    public var program: String
    /// What makes the program tell its version. Its exit status does not matter.
    public var versionArguments: [String]
    /// Finds the version in the output; its one capture group is the version.
    public var versionPattern: ConsolePattern
    /// SHA-256 (hex) that the program's file must have; nil takes any.
    public var expectedSHA256: String?
    public var write: ToolTemplate
    /// A line that a successful write prints, for programs whose exit status does not tell; nil trusts status 0.
    public var written: ConsolePattern?
    public var verification: Verification
    /// Finds progress in a line: one capture group is a percentage; two are bytes sent and bytes in all, decimal or
    /// hexadecimal with `0x`.
    public var progress: ConsolePattern?
    /// Tried in this order where a command fails.
    public var failures: [Failure]
    /// Time for one command.
    public var limit: Duration
    /// Whether flash is compared before it is written, so that a region that already fits is left alone.
    public var comparesFirst: Bool

    /// - Throws: ``ToolError`` `template` for commands without verification or without `{file}`, a shell as program,
    ///   and patterns with the wrong number of capture groups.
    public init(
        name: String, program: String, versionArguments: [String], versionPattern: ConsolePattern,
        expectedSHA256: String? = nil, write: ToolTemplate, written: ConsolePattern? = nil, verification: Verification?,
        progress: ConsolePattern? = nil, failures: [Failure] = [], limit: Duration = .seconds(180),
        comparesFirst: Bool = true
    ) throws(ToolError) {
        guard let verification else {
            throw ToolError(
                .template, "\(name) has no verification: give a verify command, or a read command to compare with")
        }
        try Self.refuseShell(program)
        guard write.uses(.file) else { throw ToolError(.template, "the write command of \(name) lacks {file}") }
        if case .readBack(let template) = verification, !template.uses(.file) {
            throw ToolError(.template, "the read command of \(name) lacks {file}")
        }
        guard versionPattern.captureCount == 1 else {
            throw ToolError(.template, "the version pattern of \(name) needs one capture group")
        }
        if let progress, !(1...2).contains(progress.captureCount) {
            throw ToolError(
                .template, "the progress pattern of \(name) needs one capture group (percent) or two (sent, total)")
        }
        if let expectedSHA256, expectedSHA256.count != 64 || !expectedSHA256.allSatisfy(\.isHexDigit) {
            throw ToolError(
                .template, "the SHA-256 of \(name) has \(expectedSHA256.count) characters: expected 64 of 0-9a-f")
        }
        self.name = name
        self.program = program
        self.versionArguments = versionArguments
        self.versionPattern = versionPattern
        self.expectedSHA256 = expectedSHA256?.lowercased()
        self.write = write
        self.written = written
        self.verification = verification
        self.progress = progress
        self.failures = failures
        self.limit = limit
        self.comparesFirst = comparesFirst
    }

    /// - Throws: ``ToolError`` `template` where a path's last component is a shell or hands its arguments to a program.
    static func refuseShell(_ path: String) throws(ToolError) {
        let shells = [
            "sh", "ash", "bash", "dash", "zsh", "ksh", "mksh", "fish", "csh", "tcsh", "busybox", "env", "xargs", "sudo",
            "su", "nohup", "setsid",
        ]
        let base = String(path.split(separator: "/").last ?? "")
        guard !base.isEmpty, !path.contains(" ") || path.hasPrefix("/") else {
            throw ToolError(.template, "\"\(path)\" is no program: expected a path, or one name without arguments")
        }
        guard !shells.contains(base) else {
            throw ToolError(
                .template,
                "\(path) runs other programs, so its version and SHA-256 say nothing about what writes the board: name "
                    + "the flasher itself, or an executable script")
        }
    }
}
