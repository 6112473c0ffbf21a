public import BoardProtocols

extension SMPSession {
    /// Bytes of a whole frame, its length and CRC included, that the server takes; nil where it does not say.
    public func readBufferSize() throws(LoaderError) -> Int? {
        guard case .answer(let body) = try query(.parameters), let size = body["buf_size"]?.integer else { return nil }
        return size
    }

    /// What the server says of its kernel and board; nil where it does not know the command.
    public func readOSInfo(format: String? = nil) throws(LoaderError) -> String? {
        try text("output", of: .osInfo(format: format))
    }

    /// `MCUboot` for a board with that bootloader; nil where the server does not know the command.
    public func readBootloader() throws(LoaderError) -> String? { try text("bootloader", of: .bootloaderInfo()) }

    private func text(_ key: String, of request: SMPRequest) throws(LoaderError) -> String? {
        guard case .answer(let body) = try query(request) else { return nil }
        return body[key]?.text
    }

    /// The list of images.
    public func readImages() throws(LoaderError) -> [SMPImageSlot] {
        guard let slots = SMPImageSlot.list(in: try ask(.imageState)) else {
            throw LoaderError(.protocolError, "the answer to \(SMPRequest.imageState) holds no list of images")
        }
        return slots
    }

    /// A setting's bytes; nil where the board has none of that name.
    /// - Throws: ``LoaderError`` `protocolError` for a refusal or a value cut short, and those of the exchange.
    public func readSetting(_ name: String) throws(LoaderError) -> [UInt8]? {
        let request = SMPRequest.readSetting(name)
        switch try query(request) {
        case .answer(let body):
            guard let value = body["val"]?.bytes else {
                throw LoaderError(.protocolError, "the answer to \(request) of \(name) holds no value")
            }
            guard body["max_size"] == nil else {
                throw LoaderError(.protocolError, "the board cut setting \(name) to \(value.count) bytes")
            }
            return value
        case .refused(let refusal):
            guard refusal.isNoEntry else { throw LoaderError(refusal, to: request) }
            return nil
        }
    }

    /// Runs a shell command of the firmware once.
    /// - Returns: what it printed, and its result (0 is success).
    /// - Throws: ``LoaderError`` `protocolError` where the shell or the group is not there, and those of the exchange.
    public func runShell(_ words: [String]) throws(LoaderError) -> (output: String, result: Int) {
        let request = SMPRequest.shell(words)
        switch try exchange(request, timeout: timeout) {
        case .answer(let body): return (body["o"]?.text ?? "", body["ret"]?.integer ?? 0)
        case .refused(let refusal): throw LoaderError(refusal, to: request)
        }
    }

    /// Resets the board. Servers answer first; one that is gone before it could is not an error.
    public func reset() throws(LoaderError) {
        do throws(LoaderError) {
            if case .refused(let refusal) = try exchange(.reset) { throw LoaderError(refusal, to: .reset) }
        } catch {
            guard error.kind == .noResponse else { throw error }
        }
    }
}
