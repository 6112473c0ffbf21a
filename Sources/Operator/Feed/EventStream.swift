import Hummingbird
import NIOCore
import Provisioning

/// One page's stream of server-sent events: a snapshot where the page has no place, then every event, and a comment at
/// least every three seconds.
struct EventStream: Sendable {
    /// How long a reader may take for one piece before it is cut; it comes back with its last id.
    static let patience = TimeAmount.seconds(10)
    /// Streams that may be open at once.
    static let capacity = 128

    let feed: Feed
    /// The feed's life, in every id.
    let epoch: String
    let channel: any Channel
    /// What the page has seen last; nil = nothing.
    let lastID: String?

    /// Writes until the feed ends or the reader is gone.
    func write(to writer: inout any ResponseBodyWriter) async throws {
        let (reader, wakes) = await feed.watch()
        var place: Int64?
        if let lastID { place = await feed.number(id: lastID) }
        do {
            for await _ in wakes {
                var text = ""
                switch await feed.news(after: place) {
                case .events(let events):
                    for event in events { text += Self.text(epoch, event.number, event.name, event.data) }
                    place = events.last?.number ?? place
                    if events.isEmpty { text = ": beat\n\n" }
                case .snapshot(let json, let cursor):
                    text = Self.text(epoch, cursor, "snapshot", json.text)
                    place = cursor
                }
                try await send(text, to: &writer)
            }
        } catch {
            await feed.forget(reader)
            throw error
        }
        await feed.forget(reader)
    }

    private static func text(_ epoch: String, _ number: Int64, _ name: String, _ data: String) -> String {
        "id: \(epoch)-\(number)\nevent: \(name)\ndata: \(data)\n\n"
    }

    /// Writes one piece; a reader that does not take it in time is cut, which ends the write with an error.
    private func send(_ text: String, to writer: inout any ResponseBodyWriter) async throws {
        let channel = channel
        let cut = channel.eventLoop.scheduleTask(in: Self.patience) { channel.close(mode: .all, promise: nil) }
        defer { cut.cancel() }
        try await writer.write(ByteBuffer(string: text))
    }
}
