import Bench
import CutPoint
import Journal
import Provisioning

/// The line's network on the board, and what must be true before it ships.
extension BoardRun {
    /// Gives the board the line's network, where its profile says how.
    func joinNetwork() async throws {
        guard let network = slot.profile.network else { return }
        guard let access = line.settings.network else {
            throw Failure(
                .accessPoint, "profile \(slot.profile.name) needs the line's network, and station.toml has no [network]"
            )
        }
        let password: Secret?
        do { password = try access.password() } catch {
            throw Failure(.accessPoint, "the vault: \(error)")
        }
        guard let password else {
            throw Failure(.accessPoint, "no password is sealed for network \"\(access.ssid)\": \(access.advice)")
        }
        console.hide(password)
        if let preparation = network.prepare {
            let answer = try await ask(
                Secret(preparation), until: [network.prepared], within: Self.answerLimit, in: .boot)
            guard answer != nil else {
                throw Failure(.joinRefused, "\"\(preparation)\" was not answered by \"\(network.prepared)\"")
            }
        }
        hasLineNetwork = true
        CutPoint.reach("network.give.before")
        let command = Secret.filling(
            network.join.replacing("{ssid}", with: access.ssid), "{password}", with: password)
        let answer = try await ask(
            command, until: [network.joined, network.refused].compactMap { $0 }, within: network.joinLimit,
            in: .boot)
        let isJoined = answer.map(network.joined.matches) ?? false
        CutPoint.reach("network.give.after")
        guard !isJoined else { return }
        let told = answer.map { "the board says \"\(console.masked($0))\"" } ?? "no answer within \(network.joinLimit)"
        switch await line.networks.joinFailed(slot: slot.name) {
        case .board: throw Failure(.joinRefused, told)
        case .probeFailed(let reason): throw Failure(.accessPoint, "\(told); the access point's probe: \(reason)")
        case .together(let slots):
            throw Failure(.accessPoint, "\(told); boards of \(slots.joined(separator: ", ")) could not join together")
        }
    }

    /// Wipes the line's network and proves it, then asks what the release states for shipping: without all of it there is
    /// no PASS.
    func makeReadyToShip() async throws {
        try await wipeNetwork()
        guard !slot.profile.shipChecks.isEmpty else { return }
        let stated = try await line.journal.release(profile: order.profile, version: order.release)?.ship ?? [:]
        var found: [String: JSONValue] = [:]
        for check in slot.profile.shipChecks {
            let expected = stated[check.name] ?? check.value
            let line = try await ask(Secret(check.ask), until: [check.answer], within: Self.answerLimit)
            let value = line.flatMap { check.answer.capture(in: $0) }
            guard value == expected else {
                throw Failure(
                    .notReadyToShip,
                    "\(check.name): expected \(expected), received \(value.map { console.masked($0) } ?? "no answer")")
            }
            found[check.name] = .string(expected)
        }
        shipped = .object(found)
    }

    /// Wipes the line's network and proves it: also where this run did not give it, for an earlier one may have been cut off.
    func wipeNetwork() async throws {
        guard let network = slot.profile.network else { return }
        CutPoint.reach("network.wipe.before")
        guard try await ask(Secret(network.wipe), until: [network.wiped], within: Self.answerLimit) != nil else {
            throw Failure(.networkNotWiped, "\"\(network.wipe)\" was not answered")
        }
        guard try await ask(Secret(network.prove), until: [network.proof], within: Self.answerLimit) != nil else {
            throw Failure(.networkNotWiped, "\"\(network.prove)\" was not answered by \"\(network.proof)\"")
        }
        CutPoint.reach("network.wipe.after")
        hasLineNetwork = false
    }

    private static let answerLimit = Duration.seconds(5)

    /// Sends a line to the firmware and waits for one that fits any of `patterns`. An error of the board's line belongs
    /// to `step`.
    private func ask(
        _ text: Secret, until patterns: [ConsolePattern], within limit: Duration, in step: Step = .activate
    ) async throws -> String? {
        let watch = console
        do {
            return try await board.exchange(text, until: patterns, within: limit) { watch.note($0) }
        } catch { throw fault(error, in: step) }
    }
}
