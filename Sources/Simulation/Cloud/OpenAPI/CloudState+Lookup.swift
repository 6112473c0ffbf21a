extension CloudState {
    /// The product a call is about. A product of an instance is found only where the call names that instance.
    func product(_ parameters: OpenAPIParameters) throws(BusinessError) -> CloudProduct {
        guard let key = parameters["ProductKey"] else { throw .noProductKey }
        guard let product = products[key] else { throw Self.isIdentifier(key) ? .noProduct : .badProductKey }
        guard product.instanceID == parameters["IotInstanceId"] else { throw .noProduct }
        return product
    }

    /// The device a call is about: IotId wins over ProductKey with DeviceName.
    func device(_ parameters: OpenAPIParameters) throws(BusinessError) -> CloudDevice {
        if let iotID = parameters["IotId"] {
            guard Self.isIdentifier(iotID) else { throw .badIotID }
            guard let device = device(iotID: iotID), let product = products[device.key.product] else { throw .noDevice }
            guard product.instanceID == parameters["IotInstanceId"] else { throw .noDevice }
            return device
        }
        let product = try product(parameters)
        guard let name = parameters["DeviceName"] else { throw .noDeviceName }
        guard let device = devices[DeviceKey(product: product.key, name: name)] else { throw .noDevice }
        return device
    }

    /// Whether `text` has the form of a ProductKey or an IotId: letters and digits alone.
    private static func isIdentifier(_ text: String) -> Bool {
        text.utf8.count <= 64 && text.utf8.allSatisfy(isLetterOrDigit)
    }

    /// Whether `name` is 4–32 characters of `A–Z a–z 0–9 - _ @ . :`.
    static func isDeviceName(_ name: String) -> Bool {
        (4...32).contains(name.utf8.count) && name.utf8.allSatisfy(isOfDeviceName)
    }

    /// Whether an imported DeviceSecret is 1–32 characters of `A–Z a–z 0–9 - _ @ . :`.
    static func isImportedSecret(_ secret: String) -> Bool {
        (1...32).contains(secret.utf8.count) && secret.utf8.allSatisfy(isOfDeviceName)
    }

    /// Whether an imported device's serial number is 1–64 letters, digits and underscores.
    static func isSerial(_ serial: String) -> Bool {
        (1...64).contains(serial.utf8.count)
            && serial.utf8.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "_") }
    }

    private static func isOfDeviceName(_ byte: UInt8) -> Bool { isLetterOrDigit(byte) || "-_@.:".utf8.contains(byte) }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    /// Whether `nickname` is 4–64 letters, digits, underscores or ideographs; what is not ASCII counts as two.
    /// - Parameter shortest: 1 where a device is imported.
    static func isNickname(_ nickname: String, shortest: Int = 4) -> Bool {
        let length = nickname.unicodeScalars.reduce(0) { $0 + ($1.isASCII ? 1 : 2) }
        return (shortest...64).contains(length)
            && nickname.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
    }
}

extension CloudJSON {
    /// A list of texts.
    static func texts(_ texts: [String]) -> CloudJSON { .array(texts.map { .string($0) }) }

    /// A text, or an empty one where there is none.
    static func text(_ text: String?) -> CloudJSON { .string(text ?? "") }

    /// A `Utc…` time, or an empty text.
    static func utc(_ milliseconds: Int64?) -> CloudJSON { .text(milliseconds.map(CloudTime.utc)) }

    /// A `Gmt…` time of a detail call, or an empty text.
    static func chinaGMT(_ milliseconds: Int64?) -> CloudJSON { .text(milliseconds.map(CloudTime.chinaGMT)) }
}
