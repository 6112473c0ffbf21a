import Bench
import Provisioning

/// What one flash step writes: the release's images and the product credential, and nothing of what is preserved.
enum FlashWork {
    /// - Parameter erasesPreserved: of a reset alone: the regions in which the firmware keeps its device credential are
    ///   erased, so that it registers anew.
    /// - Throws: ``Failure`` with `planRefused` or `credentialMissing`.
    static func plan(
        profile: BoardProfile, images: [String: [UInt8]], productKey: String, productSecret: Secret?,
        nvsKeys: Secret? = nil, skipMatching: Bool, erasesPreserved: Bool = false,
        tag: String? = nil
    ) throws(Failure) -> FlashPlan {
        guard let productSecret else {
            throw Failure(.credentialMissing, "no ProductSecret is sealed for \(productKey)")
        }
        let flash = profile.flash
        do {
            var regions: [FlashRegion] = []
            for region in flash.regions {
                guard var image = images[region.name] else {
                    throw Failure(.planRefused, "the release has no \(region.name)")
                }
                if case .marker(let place) = flash.credential, place.region == region.name {
                    image = try MarkerPatch(marker: Array(place.marker.utf8), capacity: place.capacity).applied(
                        to: image, productKey: productKey, productSecret: productSecret)
                }
                regions.append(
                    FlashRegion(
                        name: region.name, offset: UInt32(region.offset), image: image, sector: UInt32(region.sector)))
            }
            if case .region(let place) = flash.credential {
                regions.append(try credentialRegion(place, productKey, productSecret, nvsKeys))
            }
            if let place = flash.tag, let tag {
                regions.append(
                    FlashRegion(
                        name: place.name, offset: UInt32(place.offset), image: UnitTag.image(tag),
                        sector: UInt32(place.sector)))
            }
            let preserved = profile.flash.preserved
            if erasesPreserved {
                // Erased flash reads as FFh.
                regions += preserved.map {
                    FlashRegion(
                        name: $0.name, offset: UInt32($0.offset), image: [UInt8](repeating: 0xFF, count: $0.size),
                        sector: UInt32($0.sector))
                }
            }
            return try FlashPlan(
                regions: regions,
                preserve: erasesPreserved
                    ? []
                    : preserved.map {
                        FlashPlan.Preserve(name: $0.name, offset: UInt32($0.offset), size: UInt32($0.size))
                    }, skipMatching: skipMatching, limit: flash.method == .espressif ? FlashPlan.limit : 1 << 32,
                allowsEmpty: flash.regions.isEmpty)
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(.planRefused, "\(error)")
        }
    }

    /// What is written of a key-value region: its text and some room, not the whole of a large sector.
    private static let keyValueSize = 1024

    private static func credentialRegion(
        _ place: BoardProfile.CredentialRegion, _ productKey: String, _ productSecret: Secret, _ nvsKeys: Secret?
    ) throws -> FlashRegion {
        switch place.format {
        case .nvs:
            try CredentialPartition.region(
                productKey: productKey, productSecret: productSecret, offset: UInt32(place.offset), size: place.size,
                name: place.name, namespace: place.namespace, productKeyName: place.productKeyName,
                productSecretName: place.productSecretName, keys: nvsKeys)
        case .keyValue:
            try KeyValueRegion.region(
                productKey: productKey, productSecret: productSecret, offset: UInt32(place.offset),
                size: min(place.size, keyValueSize), sector: UInt32(place.sector), name: place.name,
                productKeyName: place.productKeyName, productSecretName: place.productSecretName)
        }
    }
}

extension FlashReport {
    /// As the journal keeps it; digests are of images and flash, never contents.
    var json: JSONValue {
        let loader: JSONValue =
            switch method {
            case .stub(let name, let sha256): ["stub": .string(name), "sha256": .string(sha256), "rom": nil]
            case .rom(let reason): ["stub": nil, "sha256": nil, "rom": .string(reason)]
            case .loader(let name, let version): ["name": .string(name), "version": .string(version)]
            case .tool(let name, let version, let sha256):
                ["tool": .string(name), "version": .string(version), "sha256": .string(sha256)]
            }
        return [
            "loader": loader, "baud": .init(baud), "failed_bauds": .array(failedBauds.map { .init($0) }),
            "bytes_sent": .init(bytesSent), "bytes_received": .init(bytesReceived),
            "regions": .array(
                regions.map {
                    [
                        "name": .string($0.name), "offset": .init(Int($0.offset)), "size": .init($0.size),
                        "md5": .string($0.md5), "written": .bool($0.written),
                    ]
                }),
        ]
    }
}
