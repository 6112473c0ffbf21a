import Bench
import Provisioning

/// What one flash step writes: the release's images and the product credential, and nothing of what is preserved.
enum FlashWork {
    /// - Parameter erasesPreserved: of a reset alone: the regions in which the firmware keeps its device credential are
    ///   erased, so that it registers anew.
    /// - Throws: ``Failure`` with `planRefused` or `credentialMissing`.
    static func plan(
        profile: BoardProfile, images: [String: [UInt8]], productKey: String, productSecret: Secret?,
        skipMatching: Bool, erasesPreserved: Bool = false
    ) throws(Failure) -> FlashPlan {
        guard let productSecret else {
            throw Failure(.credentialMissing, "no ProductSecret is sealed for \(productKey)")
        }
        let credential = profile.flash.credential
        do {
            var regions: [FlashRegion] = []
            for region in profile.flash.regions {
                guard let image = images[region.name] else {
                    throw Failure(.planRefused, "the release has no \(region.name)")
                }
                regions.append(FlashRegion(name: region.name, offset: UInt32(region.offset), image: image))
            }
            regions.append(
                try CredentialPartition.region(
                    productKey: productKey, productSecret: productSecret, offset: UInt32(credential.offset),
                    size: credential.size, name: credential.name, namespace: credential.namespace,
                    productKeyName: credential.productKeyName, productSecretName: credential.productSecretName))
            let preserved = profile.flash.preserved
            if erasesPreserved {
                // Erased flash reads as FFh.
                regions += preserved.map {
                    FlashRegion(
                        name: $0.name, offset: UInt32($0.offset), image: [UInt8](repeating: 0xFF, count: $0.size))
                }
            }
            return try FlashPlan(
                regions: regions,
                preserve: erasesPreserved
                    ? []
                    : preserved.map {
                        FlashPlan.Preserve(name: $0.name, offset: UInt32($0.offset), size: UInt32($0.size))
                    }, skipMatching: skipMatching)
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(.planRefused, "\(error)")
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
