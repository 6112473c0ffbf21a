extension CloudState {
    /// What one step on a batch job came to.
    enum BatchStep: Sendable {
        case wait(Duration)
        case more
        case ended
    }

    /// Names of one BatchCheckDeviceNames or devices of one BatchRegisterDevice; what is beyond is dropped in silence.
    static let maximumBatch = 10_000
    /// The same for BatchCheckDeviceNames in a product whose devices have X.509 certificates.
    static let maximumX509Batch = 1000
    /// Names of all jobs together; beyond it the oldest finished jobs are forgotten.
    static let maximumBatchNames = 1_000_000

    /// Takes a job in, at stage CHECK or CREATE; it ends after the configured delay.
    func openBatch(
        product: String, _ stage: BatchJob.Stage, _ entries: [BatchJob.Entry], flaws: [BatchJob.Flaw] = []
    ) throws(BusinessError) -> BatchJob {
        if stage == .create, isCreating(product) { throw .batchIsRunning }
        var names = batches.values.reduce(entries.count) { $0 + $1.entries.count }
        for old in batches.values.sorted(by: { $0.id < $1.id }) where names > Self.maximumBatchNames {
            guard old.progress.stage.isFinal else { continue }
            names -= old.entries.count
            forget(old.id)
        }
        guard names <= Self.maximumBatchNames else { throw .tooManyBatches }
        let job = BatchJob(
            id: nextBatch, product: product, entries: entries,
            progress: BatchJob.Progress(stage: stage, due: batchEnd(), flaws: flaws))
        open(job)
        return job
    }

    /// BatchRegisterDeviceWithApplyId: starts the creation of a job whose names were all found good.
    func createBatch(_ job: BatchJob) throws(BusinessError) {
        guard job.progress.stage != .create, !isCreating(job.product) else { throw .batchIsRunning }
        guard job.progress.stage == .checkSuccess else { throw .badBatch }
        advance(job.id, to: BatchJob.Progress(stage: .create, due: batchEnd()), works: true)
    }

    /// One creation job a product at a time ("iot.device.CreateDeviceTaskIsRunning").
    private func isCreating(_ product: String) -> Bool {
        batches.values.contains { $0.product == product && $0.progress.stage == .create }
    }

    private func batchEnd() -> Int64 { CloudTime.now() + Int64(configuration.behaviour.batchDelayMilliseconds) }

    /// Goes one step on with a job: ends its check, or creates up to `chunk` of its devices.
    func stepBatch(_ id: Int64, chunk: Int) -> BatchStep {
        guard let job = batches[id], !job.progress.stage.isFinal else { return .ended }
        let left = job.progress.due - CloudTime.now()
        guard left <= 0 else { return .wait(.milliseconds(min(left, 60_000))) }
        var progress = job.progress
        if progress.stage == .check {
            // A name flawed in itself is told once; the others may exist already.
            let flawed = Set(progress.flaws.map(\.name))
            progress.flaws += job.entries.compactMap { entry in
                flawed.contains(entry.name) || devices[DeviceKey(product: job.product, name: entry.name)] == nil
                    ? nil : Self.exists(entry)
            }
            progress.stage = progress.flaws.isEmpty ? .checkSuccess : .checkFailed
            advance(id, to: progress)
            return .ended
        }
        for entry in job.entries.dropFirst(progress.done).prefix(chunk) {
            let key = DeviceKey(product: job.product, name: entry.name)
            if let device = devices[key] {
                // Made by this very job before the stand-in was cut off: it counts.
                if device.batch != id { progress.flaws.append(Self.exists(entry)) }
            } else if products[job.product].map({ hasRoom(in: $0) }) == false {
                progress.flaws.append(entry.flaw(BusinessError.tooManyDevices.code))
            } else {
                _ = create(entry, in: job.product, batch: id)
            }
            progress.done += 1
        }
        if progress.done >= job.entries.count {
            progress.stage = progress.flaws.isEmpty ? .createSuccess : .createFailed
        }
        advance(id, to: progress)
        return progress.stage.isFinal ? .ended : .more
    }

    private static func exists(_ entry: BatchJob.Entry) -> BatchJob.Flaw { entry.flaw("DeviceName already exists") }
}
