import BoardProtocols

extension SMPLoader {
    /// Uploads the region's image. The server says after each piece where it wants to go on, and it is followed: also to
    /// the middle of an image that an earlier, broken session had begun.
    ///
    /// - Returns: true where a piece had to be sent again.
    /// - Throws: ``LoaderError`` `eraseTimeout`, `blockWrite` with the offset in the image, `flashChip` (the slot is too
    ///   small), `protocolError`, and those of the exchange.
    func write(_ region: FlashRegion, onEvent: (FlashEvent) -> Void) throws(LoaderError) -> Bool {
        let hash = try image(of: region).hash
        let number = images[region.name] ?? 0
        if let owner = owners[number], owner != region.name {
            throw LoaderError(
                .protocolError,
                "regions \(owner) and \(region.name) are both image \(number): give each its own number in the profile",
                region: region.name)
        }
        owners[number] = region.name
        matches[region.name] = nil
        var upload = Upload(region: region, number: number, sha256: Digest.sha256(region.image))
        onEvent(.erasing(region: region.name, bytes: region.image.count))
        while upload.offset < region.image.count || !upload.isBegun {
            try step(&upload, hash: hash, onEvent: onEvent)
            onEvent(.writing(region: region.name, sent: upload.offset, total: region.image.count))
        }
        return upload.resent
    }

    /// One image on its way.
    private struct Upload {
        let region: FlashRegion
        let number: Int
        let sha256: [UInt8]
        /// The next byte the server wants.
        var offset = 0
        /// The server has answered the first piece.
        var isBegun = false
        var resent = false
        /// Answers in a row that did not lead on, or tries in a row that failed.
        var stalls = 0
    }

    /// A piece may fail, or fail to lead on, this often in a row.
    private static let stallLimit = 4

    private func step(
        _ upload: inout Upload, hash: [UInt8], onEvent: (FlashEvent) -> Void
    ) throws(LoaderError) {
        let region = upload.region
        let isFirst = upload.offset == 0
        let request = piece(upload)
        do throws(LoaderError) {
            switch try session.exchange(request, timeout: isFirst ? firstAnswer : nil) {
            case .answer(let body):
                guard let next = body["off"]?.integer, (0...region.image.count).contains(next) else {
                    throw LoaderError(
                        .protocolError, "the answer to \(request) names no offset within the image",
                        received: body["off"].map { "\($0)" })
                }
                if let match = body["match"]?.bool { matches[region.name] = match }
                try advance(&upload, to: next, onEvent: onEvent)
            case .refused(let refusal):
                // A server that had taken the last piece, and whose answer was lost, knows of no upload any more.
                if upload.stalls > 0, !isFirst, try session.readImages().contains(where: { $0.hash == hash }) {
                    upload.offset = region.image.count
                    return
                }
                throw refused(refusal, request, region)
            }
        } catch {
            let error = placed(error, upload)
            guard error.kind == .noise || error.kind == .noResponse else { throw error }
            guard !(isFirst && error.kind == .noResponse) else { throw eraseFailure(upload) }
            try stall(&upload, reason: error.sentence, onEvent: onEvent)
        }
    }

    /// The piece from the present offset, as large as one message may be.
    private func piece(_ upload: Upload) -> SMPRequest {
        func request(_ data: [UInt8]) -> SMPRequest {
            .upload(
                offset: upload.offset, data: data, image: upload.number, length: upload.region.image.count,
                sha256: upload.sha256)
        }
        // The data's own length needs up to three bytes, of which the empty string has one already.
        let frame = SMPMessage.headerSize + request([]).body.encoded.count + 2
        let end = min(upload.offset + max(messageSize - frame, 16), upload.region.image.count)
        return request(Array(upload.region.image[upload.offset..<end]))
    }

    private func advance(
        _ upload: inout Upload, to next: Int, onEvent: (FlashEvent) -> Void
    ) throws(LoaderError) {
        let before = upload.offset
        upload.offset = next
        upload.isBegun = true
        if next > before {
            upload.stalls = 0
        } else {
            try stall(&upload, reason: "the board asks for offset \(next) after \(before)", onEvent: onEvent)
        }
    }

    private func stall(
        _ upload: inout Upload, reason: String, onEvent: (FlashEvent) -> Void
    ) throws(LoaderError) {
        upload.stalls += 1
        upload.resent = true
        guard upload.stalls < Self.stallLimit else {
            throw LoaderError(
                .blockWrite, "a piece of the image failed \(upload.stalls) times: \(reason)",
                region: upload.region.name, address: UInt32(upload.offset))
        }
        onEvent(
            .retrying(
                region: upload.region.name, address: UInt32(upload.offset), attempt: upload.stalls + 1, reason: reason))
    }

    private func refused(_ refusal: SMPRefusal, _ request: SMPRequest, _ region: FlashRegion) -> LoaderError {
        if refusal.group == SMPGroup.image, [30, 31].contains(refusal.code) {
            return LoaderError(
                .flashChip, "the image has \(region.image.count) bytes and does not fit its slot: check the order",
                region: region.name, expected: "\(region.image.count)", received: "\(refusal)")
        }
        return LoaderError(refusal, to: request)
    }

    private func eraseFailure(_ upload: Upload) -> LoaderError {
        LoaderError(
            .eraseTimeout,
            "the board did not answer the first piece within \(firstAnswer.components.seconds) s, in which it erases the "
                + "slot: check power and flash chip", region: upload.region.name, address: 0)
    }

    private func placed(_ error: LoaderError, _ upload: Upload) -> LoaderError {
        var error = error
        error.region = error.region ?? upload.region.name
        error.address = error.address ?? UInt32(upload.offset)
        return error
    }
}
