import NIOCore
import NIOPosix

/// Sends a label's bytes to the printer, one after the other as its caller asks.
struct LabelPrinter: Sendable {
    let target: LabelSettings.Printer
    let limit: Duration
    /// How long a printer may keep the connection after the last byte; most say nothing and never close it.
    private static let farewell = TimeAmount.seconds(1)

    /// - Throws: ``CallTrouble``; `CancellationError`.
    func send(_ label: String) async throws {
        switch target {
        case .command(let words): try await CallCommand(words: words).run(input: Array(label.utf8), within: limit)
        case .socket(let host, let port):
            let name = "the label printer at \(host):\(port)"
            try await inTime(limit, late: "\(name) did not take the label within \(limit.sentence)") {
                try await Self.send(label, host: host, port: port, name: name, within: limit)
            }
        }
    }

    private static func send(
        _ label: String, host: String, port: Int, name: String, within limit: Duration
    ) async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let ended = group.next().makePromise(of: Void.self)
        let channel: any Channel
        do {
            channel = try await ClientBootstrap(group: group).connectTimeout(TimeAmount(limit))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(Farewell(ended))
                    }
                }.connect(host: host, port: port).get()
        } catch {
            ended.succeed()
            try Task.checkCancellation()
            throw CallTrouble("\(name) cannot be reached: \(reason(error)); is it on?", mayHaveArrived: false)
        }
        let timer = channel.eventLoop.scheduleTask(in: TimeAmount(limit) + farewell) { ended.succeed() }
        defer { timer.cancel() }
        do {
            try await withTaskCancellationHandler {
                try await channel.writeAndFlush(ByteBuffer(string: label))
                try await channel.close(mode: .output)
                let patience = channel.eventLoop.scheduleTask(in: farewell) { ended.succeed() }
                defer { patience.cancel() }
                try await ended.futureResult.get()
            } onCancel: {
                channel.close(promise: nil)
            }
            try? await channel.close()
        } catch {
            try? await channel.close()
            try Task.checkCancellation()
            throw CallTrouble("\(name) broke the connection off: \(reason(error))")
        }
    }

    private static func reason(_ error: any Error) -> String {
        if let error = error as? NIOConnectionError, let first = error.connectionErrors.first {
            return reason(first.error)
        }
        return (error as? IOError)?.description ?? "\(error)"
    }

    /// Tells how the printer ends the connection: by closing it, or by breaking it off.
    private final class Farewell: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let ended: EventLoopPromise<Void>

        init(_ ended: EventLoopPromise<Void>) { self.ended = ended }

        func channelInactive(context: ChannelHandlerContext) { ended.succeed() }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            ended.fail(error)
            context.close(promise: nil)
        }
    }
}
