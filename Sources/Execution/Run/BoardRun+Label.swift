import Bench
import Journal
import Provisioning

/// The label on the board, scanned while the board lies in its slot.
extension BoardRun {
    /// How long people may take to scan it.
    private static let labelTime = Duration.seconds(600)

    /// Waits until the board's label was scanned; on a mismatch what was expected is not shown.
    func scanLabel(_ found: BoardIdentity) async throws {
        let (labels, slot, limit) = (line.labels, slot, Self.labelTime)
        let name = try? slot.profile.deviceName.name(for: found.identity).text
        let label = BoardLabel(pattern: slot.profile.label)
        show { status in
            status.word = .scan
            (status.message, status.messageZh) = ("scan the label of this board", "扫描这块板的标签")
            status.until = .now + limit
        }
        let answer = try await withThrowingTaskGroup(of: LabelScans.Answer?.self) { group in
            group.addTask {
                await labels.wait(slot: slot.name) { label.names($0, identity: found.identity, deviceName: name) }
            }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            group.addTask { [board] in
                while await board.isPresent() { try await Task.sleep(for: .milliseconds(200)) }
                throw Failure(.removedAtIdentify, "the board went away before its label was scanned")
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        switch answer {
        case .matched(_, let person)?:
            try await line.journal.append(
                kind: .boardNoted, actor: person,
                body: ["run": .int(run), "label": "matched", "identity": .string(found.identity.value)])
            show { status in (status.word, status.message, status.messageZh, status.until) = (.busy, "", "", nil) }
        case .wrong(let count)?:
            throw Failure(.labelMismatch, "\(count) labels were scanned that are not this board's")
        case .cancelled?: throw CancellationError()
        case nil: throw Failure(.labelMissing, "no label was scanned within \(limit)")
        }
    }
}
