import Glibc
import Provisioning

extension ExternalLoader {
    /// One run of the program with the port given up meanwhile.
    func run(
        _ template: ToolTemplate, _ region: FlashRegion, file: String, onLine: (String) -> Void
    ) throws(LoaderError) -> ToolRunner.Outcome {
        let arguments = try mapped(region) { () throws(ToolError) in try self.arguments(template, region, file: file) }
        guard identity.isUnchanged else {
            throw LoaderError(
                .stub, "\(identity.path) was replaced since its SHA-256 was taken: start the run again",
                region: region.name)
        }
        try releasePort()
        let outcome: ToolRunner.Outcome
        do {
            outcome = try mapped(region) { () throws(ToolError) in
                try runner.runBlocking(identity.path, arguments, within: tool.limit, onLine: onLine)
            }
        } catch {
            // What ended the run says more than what the port says afterwards.
            do { try takePort() } catch {}
            throw error
        }
        if outcome.ending == .exited(0) {
            try takePort()
        } else {
            do { try takePort() } catch {}
        }
        return outcome
    }

    private func arguments(
        _ template: ToolTemplate, _ region: FlashRegion, file: String
    ) throws(ToolError) -> [String] {
        if !template.uses(.offset), region.offset != 0 {
            throw ToolError(
                .template,
                "the command has no {offset} and region \(region.name) starts at 0x\(String(region.offset, radix: 16)):"
                    + " such a command writes only at 0")
        }
        var values: [ToolTemplate.Placeholder: String] = [
            .port: target.port, .offset: "0x\(String(region.offset, radix: 16))", .file: file,
            .size: "\(region.padded.count)", .slot: target.slot,
        ]
        values[.portPath] = target.portPath
        values[.chip] = target.chip
        if target.baud > 0 { values[.baud] = "\(target.baud)" }
        return try template.arguments(values)
    }

    /// The error of a run that did not end well: by the profile's patterns, else by how it ended.
    func failure(
        _ outcome: ToolRunner.Outcome, _ doing: String, _ region: FlashRegion, otherwise: LoaderError.Kind
    ) -> LoaderError {
        let lines = outcome.tail.map { String(mask.mask($0).prefix(160)) }
        let ended =
            switch outcome.ending {
            case .exited(0): "ended with status 0 but did not print \"\(tool.written?.text ?? "")\""
            case .exited(let status): "ended with status \(status)"
            case .signalled(let number): "was ended by signal \(number)"
            case .timedOut: "did not end within \(tool.limit) and was stopped"
            }
        let told = lines.suffix(6).joined(separator: " | ")
        let known = tool.failures.first { failure in outcome.tail.contains { failure.pattern.matches($0) } }
        let kind = known?.kind ?? (outcome.ending == .timedOut ? .noResponse : otherwise)
        return LoaderError(
            isPortGone ? .portLost : kind,
            (isPortGone ? "\(target.port) is gone: " : "") + "\(tool.name) \(ended) as it \(doing) the region; "
                + (told.isEmpty ? "it printed nothing" : "it said: \(told)"),
            region: region.name, address: region.offset)
    }

    /// Programs word a port that went away each in their own way; its device node says it plainly.
    private var isPortGone: Bool { target.port.hasPrefix("/") && access(target.port, F_OK) != 0 }

    func mapped<R>(_ region: FlashRegion?, _ body: () throws(ToolError) -> R) throws(LoaderError) -> R {
        do {
            return try body()
        } catch {
            throw LoaderError(
                error.code == .cancelled ? .cancelled : .stub, mask.mask(error.sentence), region: region?.name)
        }
    }
}
