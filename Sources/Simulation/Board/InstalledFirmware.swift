import BoardProtocols
import Provisioning

/// What the application finds when it starts: everything comes out of the flash as it was really written.
struct InstalledFirmware: Sendable {
    /// NVS keys by which the firmware finds the product credential, in whatever namespace of partition `cred`.
    static let productKeyKey = "product_key"
    static let productSecretKey = "product_secret"
    /// Where the firmware keeps its own DeviceSecret in partition `nvs`.
    static let namespace = "device"
    static let deviceSecretKey = "device_secret"

    /// The product credential, ready to be used.
    struct Credential: Sendable {
        var productKey: String
        var productSecret: Secret
    }

    /// From the application descriptor.
    let version: String
    let credential: Credential?
    /// Why there is no credential, in the firmware's words.
    let credentialProblem: String
    let nvs: PartitionTable.Partition?

    init(version: String, table: PartitionTable, flash: FlashChip) {
        self.version = version
        nvs = table["nvs"]
        do {
            credential = try Self.credential(table, flash)
            credentialProblem = ""
        } catch {
            credential = nil
            credentialProblem = error.text
        }
    }

    private struct Missing: Error { var text: String }

    private static func credential(_ table: PartitionTable, _ flash: FlashChip) throws(Missing) -> Credential {
        guard let place = table["cred"] else { throw Missing(text: "no partition cred") }
        let contents: NVSPartition
        do {
            contents = try NVSPartition(parsing: flash.read(place.offset, place.size))
        } catch {
            throw Missing(text: "partition cred is corrupt")
        }
        func text(_ key: String) throws(Missing) -> String {
            guard let text = contents.entries.last(where: { $0.key == key })?.value.text, !text.isEmpty else {
                throw Missing(text: "no \(key) in partition cred")
            }
            return text
        }
        return Credential(productKey: try text(productKeyKey), productSecret: Secret(try text(productSecretKey)))
    }

    /// The DeviceSecret an earlier registration left behind; nil where there is none.
    func storedDeviceSecret(_ flash: FlashChip) -> Secret? {
        guard let nvs, let contents = try? NVSPartition(parsing: flash.read(nvs.offset, nvs.size)),
            let text = contents.value(Self.deviceSecretKey, in: Self.namespace)?.text
        else { return nil }
        return Secret(text)
    }

    /// Keeps a DeviceSecret in `nvs`, page by page as the flash needs it; a partition that cannot be read is erased
    /// first, as ESP-IDF applications do. False where it could not be kept.
    func store(deviceSecret: Secret, _ flash: FlashChip) -> Bool {
        guard let nvs else { return false }
        let old = flash.read(nvs.offset, nvs.size)
        do {
            let blank = [UInt8](repeating: 0xFF, count: nvs.size)
            var editor = try (try? NVSEditor(old)) ?? NVSEditor(blank)
            try editor.set(.string(deviceSecret.revealed), key: Self.deviceSecretKey, in: Self.namespace)
            return Self.write(editor.bytes, over: old, at: nvs.offset, flash)
        } catch {
            return false
        }
    }

    private static func write(_ new: [UInt8], over old: [UInt8], at offset: Int, _ flash: FlashChip) -> Bool {
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
