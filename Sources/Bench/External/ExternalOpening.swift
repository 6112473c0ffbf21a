import Provisioning

/// Runs somebody else's flasher on the board's port, which is closed meanwhile.
struct ExternalOpening: LoaderOpening {
    let tool: ExternalTool
    let target: ExternalLoader.Target

    var usesPort: Bool { false }
    var freesPort: Bool { true }

    func open(_ link: (any BoardLink)?) throws(LoaderError) -> any BoardLoader {
        let identity: ToolIdentity
        do { identity = try ToolIdentityReader.shared.readBlocking(tool) } catch {
            throw LoaderError(.tool, error.sentence)
        }
        // Where the port is now: a place on the USB tree is a device node only at this moment.
        var target = target
        do {
            if let device = try PortAddress(target.port).devicePath() { target.port = device }
        } catch { throw LoaderError(error) }
        return ExternalLoader(tool, identity: identity, target: target)
    }
}

extension ExternalTool {
    /// As a board profile describes it, with the place where the station keeps it.
    /// - Throws: ``ToolError``.
    init(_ tool: BoardProfile.ExternalTool, places: [String: String]) throws(ToolError) {
        func template(_ arguments: [String]) throws(ToolError) -> ToolTemplate {
            try ToolTemplate(["{tool}"] + arguments)
        }
        try self.init(
            name: tool.program, program: places[tool.program] ?? tool.program,
            versionArguments: tool.versionArguments, versionPattern: tool.versionPattern,
            write: try template(tool.write),
            verification: tool.verify.isEmpty
                ? .readBack(try template(tool.read)) : .status(try template(tool.verify)), progress: tool.progress,
            limit: tool.limit)
    }
}
