import BoardProtocols

extension SMPLoader {
    /// Marks every image that lies in a spare slot for a test boot. An image in the primary slot, or one that is marked
    /// or active already, needs no mark; a server without that command (serial recovery) is left as it is.
    ///
    /// The board is not reset: ``SMPSession/reset()`` or the slot's power does that.
    func finish() throws(LoaderError) {
        guard !settled.isEmpty else { return }
        for (region, hash) in settled {
            let slots = try session.readImages().filter { $0.hash == hash }
            guard !slots.isEmpty, !slots.contains(where: { $0.slot == 0 || $0.isActive || $0.isPending }) else {
                continue
            }
            let request = SMPRequest.setImageState(hash: hash, confirm: false)
            guard case .refused(let refusal) = try query(request), !refusal.isNotSupported else { continue }
            throw placed(refusal, request, region)
        }
    }

    /// Makes the image that was marked for a test the one that stays; called on a new session once the board has booted
    /// it and has proved itself.
    ///
    /// - Throws: ``LoaderError`` `verifyMismatch` where another image runs: MCUboot refused the new one, or went back to
    ///   the old one; `protocolError` where the server refuses; and those of the exchange.
    public func confirm(_ region: FlashRegion) throws(LoaderError) {
        let hash = try image(of: region).hash
        let slots = try session.readImages()
        guard let slot = slots.first(where: { $0.hash == hash && ($0.isActive || $0.slot == 0) }) else {
            let running = slots.first { $0.isActive || $0.slot == 0 }
            throw LoaderError(
                .verifyMismatch,
                "the board runs version \(running?.version ?? "unknown") and not the image that was written: MCUboot "
                    + "refused it or went back to the old one", region: region.name, expected: Digest.hex(hash),
                received: running?.hash.map(Digest.hex))
        }
        guard !slot.isConfirmed else { return }
        let request = SMPRequest.setImageState(hash: hash, confirm: true)
        guard case .refused(let refusal) = try query(request), !refusal.isNotSupported else { return }
        throw placed(refusal, request, region.name)
    }

    /// A mark may be set twice without harm.
    private func query(_ request: SMPRequest) throws(LoaderError) -> SMPReply { try session.query(request) }

    private func placed(_ refusal: SMPRefusal, _ request: SMPRequest, _ region: String) -> LoaderError {
        var error = LoaderError(refusal, to: request)
        error.region = region
        return error
    }
}
