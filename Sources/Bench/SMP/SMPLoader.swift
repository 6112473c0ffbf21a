import BoardProtocols

/// Writes signed MCUboot images over SMP: to MCUboot's serial recovery, or to the spare slot of a running application.
///
/// Regions become images by number; offsets are the board's own business. An image is known by the hash in its TLVs,
/// which the board's image list repeats: serial recovery lists only images it has checked, an application states the
/// hash without reading the image again, and MCUboot checks it at the test boot.
///
/// Lives on the slot's thread and blocks there. SMP's loaders cannot say which board they write: an application's
/// identity is read by ``SMPIdentity``.
public final class SMPLoader: BoardLoader {
    public let session: SMPSession
    /// The image's number for each region's name; 0 for names that are not there.
    public let images: [String: Int]
    /// Until the first piece of an image is answered.
    let firstAnswer: Duration
    /// Bytes of a message with header; nil asks the server.
    private let messageLimit: Int?

    /// Bytes of a message that every server takes where it does not say how many it takes: Zephyr's smallest usual frame
    /// (MCUMGR_TRANSPORT_UART_MTU 256) without length and CRC.
    public static let usualMessage = 252
    /// Larger messages win nothing and cost more when one is damaged.
    static let largestMessage = 2048

    private(set) var messageSize = usualMessage
    var method = FlashReport.Method.loader(name: "SMP server", version: "unknown")
    /// Regions that hold their image, by what this session wrote or found, with the image's hash.
    var settled: [(region: String, hash: [UInt8])] = []
    /// The region that was written to each image number.
    var owners: [Int: String] = [:]
    /// What the server said of its own check of an upload.
    var matches: [String: Bool] = [:]

    /// - Parameters:
    ///   - images: region name to image number, for boards with several images.
    ///   - firstAnswer: the longest wait for the answer to an image's first piece; servers erase a slot before it.
    ///   - messageLimit: bytes of a message, header included; nil asks the server and takes ``usualMessage`` from one
    ///     that does not say.
    public init(
        session: SMPSession, images: [String: Int] = [:], firstAnswer: Duration = .seconds(40),
        messageLimit: Int? = nil
    ) {
        (self.session, self.images) = (session, images)
        (self.firstAnswer, self.messageLimit) = (firstAnswer, messageLimit)
    }

    var traffic: (sent: Int, received: Int) { session.traffic }
    var baud: Int { session.link.baud }
    var readsIdentity: Bool { false }

    /// Finds the server and learns its name and how much it takes at once.
    /// - Throws: those of ``SMPSession/connect(tries:)``.
    public func connect(tries: Int = 6) throws(LoaderError) {
        try session.connect(tries: tries)
        let protocolName = "SMPv\(session.version + 1)"
        let bootloader = try session.readBootloader()
        let system = try session.readOSInfo(format: "sv")
        switch (system, bootloader) {
        case (let system?, _): method = .loader(name: "SMP server", version: "\(protocolName), \(system)")
        case (nil, let bootloader?): method = .loader(name: bootloader, version: protocolName)
        case (nil, nil): method = .loader(name: "MCUboot serial recovery", version: protocolName)
        }
        var size = messageLimit
        if size == nil, let buffer = try session.readBufferSize() { size = buffer - 4 }
        messageSize = min(max(size ?? Self.usualMessage, 128), Self.largestMessage)
    }

    func readBoard() throws(LoaderError) -> BoardReading {
        throw LoaderError(.protocolError, "an SMP loader cannot tell which board it writes")
    }

    /// Asks for the image list: a server that answers it can be written. How large its slots are it says at the upload.
    func prepareFlash(end: UInt64) throws(LoaderError) -> UInt32? {
        _ = try session.readImages()
        return nil
    }

    func holds(_ region: FlashRegion) throws(LoaderError) -> Bool {
        let hash = try image(of: region).hash
        guard try session.readImages().contains(where: { $0.hash == hash }) else { return false }
        settle(region, hash)
        return true
    }

    func verify(_ region: FlashRegion, onEvent: (FlashEvent) -> Void) throws(LoaderError) {
        onEvent(.verifying(region: region.name))
        let hash = try image(of: region).hash
        let expected = Digest.hex(hash)
        guard matches[region.name] != false else {
            throw LoaderError(
                .verifyMismatch, "the board's own check of the upload failed: the flash chip is suspect",
                region: region.name, expected: expected)
        }
        let slots = try session.readImages()
        let listed = slots.compactMap(\.hash)
        if !listed.contains(hash) {
            guard listed.isEmpty else {
                let received = listed.map(Digest.hex).joined(separator: ", ")
                throw LoaderError(
                    .verifyMismatch,
                    "the board lists no image with hash \(expected) but \(received): the flash chip is suspect, or the "
                        + "image is signed with another key", region: region.name, expected: expected,
                    received: received)
            }
            guard slots.isEmpty || matches[region.name] == true else {
                throw LoaderError(
                    .protocolError,
                    "the board's image list carries no hash, so nothing can be verified: build MCUboot with "
                        + "BOOT_SERIAL_IMG_GRP_HASH", region: region.name)
            }
            guard !slots.isEmpty else {
                throw LoaderError(
                    .verifyMismatch,
                    "the board lists no valid image after the upload: the flash chip is suspect, or the image is signed "
                        + "with another key", region: region.name, expected: expected)
            }
        }
        settle(region, hash)
        onEvent(.verified(region: region.name, md5: Digest.hex(Digest.md5(region.padded))))
    }

    /// The region's image and its hash.
    /// - Throws: ``LoaderError`` `protocolError` for a region that is no signed image.
    func image(of region: FlashRegion) throws(LoaderError) -> (parsed: MCUbootImage, hash: [UInt8]) {
        let parsed: MCUbootImage
        do {
            parsed = try MCUbootImage(parsing: region.image)
        } catch {
            throw LoaderError(
                .protocolError, "the region is no image that SMP can write: \(error)", region: region.name)
        }
        guard let hash = parsed.hash else {
            throw LoaderError(
                .protocolError, "the image carries no hash: sign it with imgtool", region: region.name)
        }
        return (parsed, hash)
    }

    private func settle(_ region: FlashRegion, _ hash: [UInt8]) {
        settled.removeAll { $0.region == region.name }
        settled.append((region.name, hash))
    }
}
