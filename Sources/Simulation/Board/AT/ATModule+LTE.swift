import BoardProtocols
import Crypto

/// An LTE module. Source: 3GPP TS 27.007, section 5; files: Quectel's AT+QFUPL, AT+QFDWL, AT+QFLST, AT+QFDEL.
///
/// AT+CRED="key","secret" and AT+CREDSHA? stand for commands of a product's own firmware: store the credential, state
/// SHA-256 over the secret.
extension ATModule {
    mutating func performLTE(_ text: String) -> Answer {
        let arguments = Self.arguments(text)
        let name = String(text.prefix { $0 != "=" && $0 != "?" }).uppercased()
        switch name {
        case "AT+CMEE":
            guard let form = arguments.first.flatMap({ Int($0) }), (0...2).contains(form) else { return .error(50) }
            errorForm = form
            return .lines([])
        case "AT+CGMI": return .lines([settings.maker])
        case "AT+CGMM": return .lines([settings.model])
        case "AT+CGMR": return .lines([settings.firmware])
        case "AT+GSN": return .lines([settings.imei])
        case "AT+CGSN": return serialNumber(arguments.first)
        case "AT+EGMR":
            guard arguments == ["0", "7"] else { return .error(3) }
            return .lines(["+EGMR: \"\(settings.imei)\""])
        case "AT+CPIN", "AT+CIMI", "AT+QCCID", "AT+CCID", "AT+ICCID": return card(name)
        case "AT+CFUN":
            return arguments == ["1", "1"] ? .reset : .lines([])
        case "AT+QFUPL", "AT+QFDWL", "AT+QFLST", "AT+QFDEL": return file(name, arguments)
        case "AT+CRED":
            guard arguments.count == 2, !arguments[1].isEmpty else { return .error(50) }
            return change("ufs") { editor throws(NVSError) in
                try editor.set(.string(arguments[0]), key: "product_key", in: "cred")
                try editor.set(.string(arguments[1]), key: "product_secret", in: "cred")
            }
        case "AT+CREDSHA":
            guard let secret = contents("ufs")?.value("product_secret", in: "cred")?.text else { return .error(405) }
            let digest = SHA256.hash(data: Array(secret.utf8)).map { hex(Int($0), digits: 2) }.joined()
            return .lines(["+CREDSHA: \"\(digest)\""])
        default: return .error(58)
        }
    }

    private func serialNumber(_ argument: String?) -> Answer {
        let values = ["0": settings.serial, "1": settings.imei, "2": settings.imei.prefix(14) + "07"]
        guard let argument, settings.serialForm != .ignoresArgument else { return .lines([settings.imei]) }
        guard let value = values[argument] else { return .error(50) }
        return .lines([settings.serialForm == .quoted ? "+CGSN: \"\(value)\"" : "+CGSN:\(value)"])
    }

    private func card(_ name: String) -> Answer {
        guard let iccid = settings.iccid else { return .error(10) }
        switch name {
        case "AT+CPIN": return .lines(["+CPIN: READY"])
        case "AT+CIMI": return .lines(["460001234567890"])
        default: return .lines(["+\(name.dropFirst(3)): \(iccid)\(settings.padsICCID ? "F" : "")"])
        }
    }

    private func file(_ name: String, _ arguments: [String]) -> Answer {
        func stored(_ file: String) -> [UInt8]? {
            if case .blob(let bytes)? = contents("ufs")?.value(file, in: "files") { bytes } else { nil }
        }
        let file = arguments.first ?? ""
        switch name {
        case "AT+QFUPL":
            guard stored(file) == nil else { return .error(407) }
            guard arguments.count >= 2, let count = Int(arguments[1]), (1...3900).contains(count),
                (1...15).contains(file.utf8.count)
            else { return .error(50) }
            return .data(count, .file(name: file), prompt: "CONNECT")
        case "AT+QFDWL":
            guard let bytes = stored(file) else { return .error(405) }
            return .raw(
                Array("CONNECT\r\n".utf8) + bytes, then: ["+QFDWL: \(bytes.count),\(Self.checksum(bytes))"])
        case "AT+QFLST":
            guard let bytes = stored(file) else { return .error(405) }
            return .lines(["+QFLST: \"\(file)\",\(bytes.count)"])
        default:
            guard stored(file) != nil else { return .error(405) }
            return change("ufs") { editor throws(NVSError) in try editor.remove(file, in: "files") }
        }
    }
}
