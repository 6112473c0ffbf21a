import Provisioning

/// Reads `[flash.credential]`: a region of its own, a marker in an image, or commands of the running firmware.
struct CredentialReader {
    /// nil if a part of it was refused.
    let credential: BoardProfile.Credential?

    private enum Format: String, CaseIterable {
        case nvs
        case keyValue = "key-value"
        case marker
        case manufacturing = "at-sysmfg"
        case template = "at-template"
        case settings = "smp-settings"
    }

    init(_ table: TableReader, places: PlaceReader) {
        let format = table.choice("format", of: Format.self)
        switch format {
        case .nvs?, nil: credential = Self.readNVS(table, places)
        case .keyValue?: credential = Self.readKeyValue(table, places)
        case .marker?: credential = Self.readMarker(table)
        case .manufacturing?:
            let namespace = table.string("namespace", expected: Self.keyRule, Self.keyName)
            let keys = Self.readKeys(table, expected: Self.keyRule, keepsTag: true, Self.keyName)
            credential = namespace.flatMap { namespace in
                keys.map {
                    .commands(
                        .manufacturing(
                            namespace: namespace, productKeyName: $0.key, productSecretName: $0.secret, tagName: $0.tag)
                    )
                }
            }
        case .settings?:
            let keys = Self.readKeys(table, expected: "a settings name of 1 to 64 bytes", keepsTag: true) {
                StationConfiguration.name($0, extra: "-_./", longest: 64)
            }
            credential = keys.map {
                .commands(.settings(productKeyName: $0.key, productSecretName: $0.secret, tagName: $0.tag))
            }
        case .template?: credential = Self.readTemplate(table)
        }
        table.finish()
    }

    private static func readNVS(_ table: TableReader, _ places: PlaceReader) -> BoardProfile.Credential? {
        // NVS needs three pages, of which one stays erased.
        let place = places.read(table, smallest: 3 * places.sector)
        let namespace = table.string("namespace", expected: keyRule, keyName)
        let isEncrypted = table.has("encrypted") ? table.boolean("encrypted") : false
        table.allow("encrypted")
        let keys = readKeys(table, expected: keyRule, keyName)
        guard let place, let namespace, let keys, let isEncrypted else { return nil }
        return .region(
            BoardProfile.CredentialRegion(
                name: place.name, offset: place.offset, size: place.size, sector: place.sector, format: .nvs,
                namespace: namespace, productKeyName: keys.key, productSecretName: keys.secret,
                isEncrypted: isEncrypted))
    }

    private static func readKeyValue(_ table: TableReader, _ places: PlaceReader) -> BoardProfile.Credential? {
        let place = places.read(table)
        let keys = readKeys(table, expected: "a key, 1 to 32 of A-Z a-z 0-9 - _ .") {
            StationConfiguration.name($0, extra: "-_.", longest: 32)
        }
        guard let place, let keys else { return nil }
        return .region(
            BoardProfile.CredentialRegion(
                name: place.name, offset: place.offset, size: place.size, sector: place.sector, format: .keyValue,
                namespace: "", productKeyName: keys.key, productSecretName: keys.secret))
    }

    private static func readMarker(_ table: TableReader) -> BoardProfile.Credential? {
        let region = table.text("region", expected: "the name of one of flash.regions")
        let marker = table.string("marker", expected: "8 to 64 printable characters that stand in the image once") {
            (8...64).contains($0.utf8.count) && $0.utf8.allSatisfy { (0x21..<0x7F).contains($0) } ? $0 : nil
        }
        let capacity = table.integer("capacity", in: 64...4096, default: 128, unit: "bytes")
        guard let region, let marker, let capacity else { return nil }
        return .marker(BoardProfile.MarkerPlace(region: region, marker: marker, capacity: capacity))
    }

    private static func readTemplate(_ table: TableReader) -> BoardProfile.Credential? {
        let lines = table.words("lines", isOptional: false)
        if let lines, !["{product_key}", "{product_secret}"].allSatisfy({ lines.joined().contains($0) }) {
            table.log.note(
                table.path(of: "lines"), nil, "expected {product_key} and {product_secret}, each in one of the lines")
        }
        let readBack = table.text("read_back", expected: "the command that tells the credential's digest")
        let proof = table.pattern(
            "proof", expected: "a regular expression with one capture group for the SHA-256", captures: 1)
        guard let lines, let readBack, let proof else { return nil }
        return .commands(.template(lines: lines, readBack: readBack, proof: proof))
    }

    /// - Parameter keepsTag: whether the firmware can keep the unit tag beside the credential, under the key `unit_tag`.
    private static func readKeys(
        _ table: TableReader, expected: String, keepsTag: Bool = false, _ accept: (String) -> String?
    ) -> (key: String, secret: String, tag: String?)? {
        let keys = table.table("keys")
        let productKey = keys.string("product_key", expected: expected, accept)
        let productSecret = keys.string("product_secret", expected: expected, accept)
        if let productKey, productKey == productSecret {
            keys.log.note(
                keys.path(of: "product_secret"), ConfigurationValue.quoted(productKey),
                "expected another key than product_key's")
        }
        let tag = keepsTag && keys.has("unit_tag") ? keys.string("unit_tag", expected: expected, accept) : nil
        if let tag, tag == productKey || tag == productSecret {
            keys.log.note(
                keys.path(of: "unit_tag"), ConfigurationValue.quoted(tag),
                "expected a key that the credential does not use")
        }
        keys.finish()
        guard let productKey, let productSecret else { return nil }
        return (productKey, productSecret, tag)
    }

    private static let keyRule = "an NVS name, 1 to 15 of A-Z a-z 0-9 - _ ."

    private static func keyName(_ text: String) -> String? {
        StationConfiguration.name(text, extra: "-_.", longest: 15)
    }
}
