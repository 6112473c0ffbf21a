import MQTT

extension InstanceProfile {
    /// Everything that is wrong, each with the value and what is expected; empty = it can be used. Reads the CA files.
    public func problems() -> [Problem] { valueProblems() + fileProblems() }

    /// What is wrong with the values themselves; no file is read.
    public func valueProblems() -> [Problem] { identityProblems() + addressProblems() + missingTrust() }

    private func identityProblems() -> [Problem] {
        var found: [Problem] = []
        // The platform's regions are lower-case; what a compatible platform calls its own is its business.
        let isRegion = regionID.allSatisfy {
            $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "-" || (kind == .custom && $0.isLetter))
        }
        if !isRegion || !(1...32).contains(regionID.count) {
            found.append(
                Problem(key: "regionID", value: "\"\(regionID)\"", "expected a region's id such as cn-shanghai"))
        }
        if let id = wantedInstanceID {
            let value = "\"\(id)\""
            let isID = id.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) }
            if !isID || !(1...64).contains(id.count) {
                found.append(
                    Problem(
                        key: "instanceID", value: value,
                        "expected 1 to 64 letters, digits, - or _, as the console shows it"))
            } else if kind == .oldPublic {
                found.append(
                    Problem(
                        key: "instanceID", value: value,
                        "an old public instance has none; a new public or enterprise one has"))
            } else if let own = kind.id, own != id {
                found.append(Problem(key: "instanceID", value: "\(value) and \"\(own)\"", "expected one instance's id"))
            }
        }
        if let secureMode, secureMode != 2, secureMode != -2 {
            found.append(Problem(key: "secureMode", value: "\(secureMode)", "expected 2 or -2, which both mean TLS"))
        }
        return found
    }

    private func addressProblems() -> [Problem] {
        var found: [Problem] = []
        let urls = [
            ("openAPI", "OpenAPI", wantedOpenAPI, openAPI != nil),
            ("registration", "registration", wantedRegistration, registration != .standard),
        ]
        for (key, name, url, isGiven) in urls {
            if let url, isGiven {
                do throws(CloudError) {
                    _ = try Cloud.endpoint(url, named: name, path: "/")
                } catch {
                    found.append(Problem(key: key, Self.clause(error.sentence)))
                }
            } else if url == nil, key == "openAPI" {
                found.append(Problem(key: key, "missing: a custom platform's OpenAPI address is demanded"))
            }
        }
        if let host = wantedHost {
            if mqttHost != nil, !Cloud.isHost(host) {
                found.append(
                    Problem(
                        key: "mqttHost", value: "\"\(host)\"",
                        "expected a host name without scheme or port; {PK} = the ProductKey"))
            }
        } else {
            found.append(Problem(key: "mqttHost", "missing: a custom platform's MQTT host is demanded"))
        }
        if let port = wantedPort {
            let own = mqttHost == nil ? kind.mqttPorts : []
            if !(1...65_535).contains(port) {
                found.append(Problem(key: "mqttPort", value: "\(port)", "expected 1 to 65535"))
            } else if !own.isEmpty, !own.contains(port) {
                let list = own.map(String.init).joined(separator: ", ")
                found.append(
                    Problem(key: "mqttPort", value: "\(port)", "this kind of instance listens on \(list)"))
            }
        } else {
            found.append(Problem(key: "mqttPort", "missing: a custom platform's MQTT port is demanded"))
        }
        return found
    }

    private func missingTrust() -> [Problem] {
        guard kind.id != nil, mqttHost == nil, wantedPort == 8883, mqttCAFile == nil, caFile == nil else { return [] }
        return [
            Problem(
                key: "mqttCAFile",
                "missing: port 8883 is signed by the platform's own root, which no system's store has; "
                    + "name its PEM file, or use port 1883 or 443")
        ]
    }

    private func fileProblems() -> [Problem] {
        var found: [Problem] = []
        for (key, file) in [("caFile", caFile), ("mqttCAFile", mqttCAFile)] {
            guard let file else { continue }
            do throws(ConnectionError) {
                _ = try TLSClient(caFile: file)
            } catch {
                found.append(Problem(key: key, Self.clause(error.sentence)))
            }
        }
        return found
    }

    /// A sentence without its full stop.
    private static func clause(_ sentence: String) -> String {
        sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence
    }
}
