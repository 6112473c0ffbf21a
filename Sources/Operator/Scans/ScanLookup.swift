import Execution
import Foundation
import Journal
import Provisioning

/// Looks up what a scanned text is about, before it is decided.
struct ScanLookup: Sendable {
    let journal: Journal
    let profiles: [String: BoardProfile]
    let feed: Feed
    /// Runs a unit may take.
    let runLimit: Int

    func find(_ text: String) async throws -> Finding {
        switch CardText(scanned: text) {
        case .command(.endShift)?: return .shiftEnd(id: try await journal.openShift()?.id)
        case .command(let command)?: return .command(command)
        case .badge?: return .badge
        case .order(let id)?: return .order(id: id, try await order(id))
        case .slot(let name)?: return .slot(name: name, await slot(name))
        case nil: break
        }
        if text.hasPrefix(CardText.prefix) { return .label(.unreadable) }
        if await feed.awaits(label: text) { return .label(.awaited(text: text)) }
        return .label(try await label(LabelText(text)))
    }

    private func order(_ id: String) async throws -> Finding.OrderFinding? {
        guard let figures = try await journal.figures(order: id).first else { return nil }
        let occupied = await feed.occupied(profile: figures.order.profile)
        return Finding.OrderFinding(order: figures.order, passed: figures.passed, occupied: occupied)
    }

    private func slot(_ name: String) async -> Finding.SlotFinding? {
        guard let tile = await feed.tile(name) else { return nil }
        return Finding.SlotFinding(
            word: tile.status.word.rawValue, unit: tile.status.deviceName, message: tile.message)
    }

    private func label(_ label: LabelText) async throws -> Finding.LabelFinding {
        for text in label.candidates {
            guard let unit = try await unit(text) else { continue }
            let code = try await journal.lastRun(unit: unit.id)?.failureCode.flatMap(FailureCode.init(known:))
            return .unit(
                Finding.UnitFinding(
                    unit: unit, code: code, slot: await feed.tile(deviceName: unit.deviceName.text)?.status.slot,
                    runLimit: runLimit))
        }
        // The first candidate in which some profile reads an identity of a board that is new.
        for text in label.candidates {
            let fitting = profiles.values.filter { identity(text, $0) != nil }.map(\.name)
            guard !fitting.isEmpty else { continue }
            let hasOrder = try await journal.orders().contains {
                $0.state == .open && fitting.contains($0.profile)
            }
            return .unknown(text: text, hasOrder: hasOrder)
        }
        return .unreadable
    }

    private func unit(_ text: String) async throws -> BoardUnit? {
        if (try? DeviceName(text)) != nil, let unit = try await journal.find(deviceName: text) { return unit }
        for kind in Identity.Kind.allCases {
            guard let identity = try? Identity(kind: kind, value: text),
                let unit = try await journal.unit(identity: identity)
            else { continue }
            return unit
        }
        return nil
    }

    private func identity(_ text: String, _ profile: BoardProfile) -> Identity? {
        try? Identity(kind: profile.identity.kind, value: text, pattern: profile.identity.pattern)
    }
}
