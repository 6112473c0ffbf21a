import Logging

/// Works on the batch jobs of a stand-in, each in its own time, while the OpenAPI answers other calls.
struct BatchWorker: Sendable {
    let state: CloudState
    let logger: Logger

    /// Devices created in one step of the state.
    static let chunk = 250

    /// Runs until the task is cancelled. A job that is cut off goes on at the next start, from the state file.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await id in state.batchOrders { group.addTask { await work(on: id) } }
        }
    }

    private func work(on id: Int64) async {
        while !Task.isCancelled {
            let step = await state.stepBatch(id, chunk: Self.chunk)
            do {
                if case .wait(let time) = step {
                    try await Task.sleep(for: time)
                    continue
                }
                try await state.commit()
            } catch is CancellationError {
                return
            } catch {
                logger.error("batch \(id): \(error)")
            }
            if case .ended = step { return }
        }
    }
}
