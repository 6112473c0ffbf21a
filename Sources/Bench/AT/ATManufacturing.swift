import BoardProtocols
import Provisioning

/// Strings in a namespace of ESP-AT's manufacturing partition, by AT+SYSMFG (type 7).
///
/// Lives on the slot's thread, over an opened session.
struct ATManufacturing {
    let session: ATSession
    let namespace: String

    /// Writes one value.
    /// - Throws: ``LoaderError`` `protocolError` where the module refuses, and those of the exchange.
    func store(_ value: Secret, _ key: String) throws(LoaderError) {
        let command = "AT+SYSMFG=2,\"\(namespace)\",\"\(key)\",7,\(value.count)"
        for attempt in 1... {
            do {
                return try session.send(command, secret: value)
            } catch {
                guard attempt < 3, error.kind == .noise || error.kind == .noResponse else { throw error }
            }
        }
    }

    /// The value in the module, or nil where it has none: the module refuses to read what is not there.
    func stored(_ key: String) throws(LoaderError) -> Secret? {
        let command = "AT+SYSMFG=1,\"\(namespace)\",\"\(key)\""
        for attempt in 1... {
            do {
                let answer = try session.value(
                    command, .manufacturing, count: ATCountedAnswer.limit, isSecret: true)
                guard let head = ATParse.manufacturing(answer.head), head.namespace == namespace, head.key == key else {
                    session.isOutOfStep = true
                    guard attempt < 3 else { break }
                    continue
                }
                return head.type == 7 ? Secret(bytes: answer.bytes) : nil
            } catch {
                if error.kind == .protocolError { return nil }
                guard attempt < 3, error.kind == .noise || error.kind == .noResponse else { throw error }
            }
        }
        throw LoaderError(
            .noise, "\(command): three answers named another value: check cable, rate and power")
    }
}

/// The unit tag as a string in the manufacturing partition.
struct ATManufacturingTag: ApplicationTag {
    let namespace: String
    let key: String

    func read(_ link: any BoardLink) throws(LoaderError) -> String? {
        try read(try partition(link))
    }

    func write(_ link: any BoardLink, _ tag: String) throws(LoaderError) {
        let partition = try partition(link)
        guard try read(partition) != tag else { return }
        try partition.store(Secret(tag), key)
        guard try read(partition) == tag else {
            throw LoaderError(.verifyMismatch, "the unit tag does not read back from \(namespace)/\(key) as written")
        }
    }

    private func partition(_ link: any BoardLink) throws(LoaderError) -> ATManufacturing {
        let session = ATSession(link: link)
        try session.open()
        return ATManufacturing(session: session, namespace: namespace)
    }

    private func read(_ partition: ATManufacturing) throws(LoaderError) -> String? {
        try UnitTag.agreed { () throws(LoaderError) in try partition.stored(key)?.withBytes { UnitTag.text($0) } }
    }
}
