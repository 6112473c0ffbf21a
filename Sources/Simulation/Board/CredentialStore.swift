import AliyunIoT
import BoardProtocols
import Locking
import Provisioning

/// Where the firmware keeps its device credential: partition `nvs`, read and written in flash each time.
///
/// There is one of the two kinds at most: storing one removes the other. Made anew at each boot; safe to use from any
/// thread, so that the console and the cloud's part do not write over each other.
final class CredentialStore: Sendable {
    static let namespace = "device"
    static let deviceSecretKey = "device_secret"
    static let clientIDKey = "client_id"
    static let deviceTokenKey = "device_token"

    private let partition: PartitionTable.Partition?
    private let flash: FlashChip
    /// Fault: what is said to be stored and is in memory only. The lock is held over each change in flash.
    private let unsaved = Locked<DeviceCredential?>(nil)

    /// - Parameter partition: nil where the board's table has none; nothing can be stored then.
    init(_ partition: PartitionTable.Partition?, _ flash: FlashChip) {
        self.partition = partition
        self.flash = flash
    }

    /// What is stored now; nil where there is nothing, or half a pair, or a partition that cannot be read.
    func read() -> DeviceCredential? { unsaved.withLock { $0 ?? readFlash() } }

    /// Keeps a credential, page by page as the flash needs it, and reads it back; a partition that cannot be read is
    /// erased first, as ESP-IDF applications do. False where it could not be kept.
    func store(_ credential: DeviceCredential) -> Bool {
        unsaved.withLock { unsaved in
            unsaved = nil
            return writeFlash(credential) && readFlash() == credential
        }
    }

    /// Fault: keeps a credential until the next reset, as firmware does that forgets `nvs_commit`.
    func storeUntilReset(_ credential: DeviceCredential) { unsaved.withLock { $0 = credential } }

    /// The network that was joined; nil = none.
    func readNetwork() -> String? {
        unsaved.withLock { _ in
            guard let partition, let contents = try? NVSPartition(parsing: flash.read(partition.offset, partition.size))
            else { return nil }
            return contents.value(Self.ssidKey, in: Self.networkNamespace)?.text
        }
    }

    /// Keeps the network, or forgets it. False where it could not be kept.
    @discardableResult
    func storeNetwork(_ ssid: String?) -> Bool {
        unsaved.withLock { _ in
            edit { editor throws(NVSError) in
                if let ssid {
                    try editor.set(.string(ssid), key: Self.ssidKey, in: Self.networkNamespace)
                } else {
                    try editor.remove(Self.ssidKey, in: Self.networkNamespace)
                }
            }
        }
    }

    private static let networkNamespace = "wifi"
    private static let ssidKey = "ssid"

    // MARK: - Flash

    private func readFlash() -> DeviceCredential? {
        guard let partition,
            let contents = try? NVSPartition(parsing: flash.read(partition.offset, partition.size))
        else { return nil }
        func text(_ key: String) -> String? { contents.value(key, in: Self.namespace)?.text }
        if let clientID = text(Self.clientIDKey), let token = text(Self.deviceTokenKey),
            let pair = try? AliyunIoT.ClientCredential(clientID: clientID, deviceToken: Secret(token))
        {
            return .pair(pair)
        }
        return text(Self.deviceSecretKey).map { .secret(Secret($0)) }
    }

    private func writeFlash(_ credential: DeviceCredential) -> Bool {
        edit { editor throws(NVSError) in
            switch credential {
            case .secret(let secret):
                try editor.set(.string(secret.revealed), key: Self.deviceSecretKey, in: Self.namespace)
                try editor.remove(Self.clientIDKey, in: Self.namespace)
                try editor.remove(Self.deviceTokenKey, in: Self.namespace)
            case .pair(let pair):
                try editor.set(.string(pair.clientID), key: Self.clientIDKey, in: Self.namespace)
                try editor.set(.string(pair.deviceToken.revealed), key: Self.deviceTokenKey, in: Self.namespace)
                try editor.remove(Self.deviceSecretKey, in: Self.namespace)
            }
        }
    }

    /// Changes the partition; one that cannot be read is erased first.
    private func edit(_ change: (inout NVSEditor) throws(NVSError) -> Void) -> Bool {
        guard let partition else { return false }
        let old = flash.read(partition.offset, partition.size)
        do {
            let blank = [UInt8](repeating: 0xFF, count: partition.size)
            var editor = try (try? NVSEditor(old)) ?? NVSEditor(blank)
            try change(&editor)
            return write(editor.bytes, over: old, at: partition.offset)
        } catch {
            return false
        }
    }

    private func write(_ new: [UInt8], over old: [UInt8], at offset: Int) -> Bool {
        for start in stride(from: 0, to: new.count, by: FlashChip.sector) {
            let page = new[start..<start + FlashChip.sector]
            let before = old[start..<start + FlashChip.sector]
            guard !page.elementsEqual(before) else { continue }
            let clearsOnly = zip(page, before).allSatisfy { $0 & $1 == $0 }
            if !clearsOnly, !flash.erase(offset + start, FlashChip.sector) { return false }
            guard flash.program(offset + start, Array(page)) else { return false }
        }
        return flash.read(offset, new.count) == new
    }
}
