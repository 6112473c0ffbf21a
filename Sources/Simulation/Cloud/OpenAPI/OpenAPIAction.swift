/// The parameters of one call, query and form body merged.
struct OpenAPIParameters: Sendable {
    let values: [String: String]

    /// The value of `name`; an empty one counts as absent.
    subscript(name: String) -> String? { values[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// The elements `name.1`, `name.2`, … in order, up to the first gap.
    func list(_ name: String) -> [String] {
        var list: [String] = []
        while let value = values["\(name).\(list.count + 1)"] { list.append(value) }
        return list
    }

    /// A number that must be within `range` where it is given.
    func integer(_ name: String, default standard: Int, in range: ClosedRange<Int>) throws(BusinessError) -> Int {
        guard let text = self[name] else { return standard }
        guard let number = Int(text), range.contains(number) else { throw .badPage }
        return number
    }
}

/// What a successful call adds to the envelope, and what is to happen after its answer is certain.
struct OpenAPIResult: Sendable {
    /// Members after `RequestId`, `Success` and `Code`.
    var members: [(String, CloudJSON)] = []
    /// Sessions that the call ended.
    var closed: [LiveSession] = []

    /// An answer whose content stands under `Data`.
    static func data(_ data: CloudJSON) -> OpenAPIResult { OpenAPIResult(members: [("Data", data)]) }
}

/// One action of the OpenAPI product `Iot`, version 2018-01-20.
struct OpenAPIAction: Sendable {
    let name: String
    /// Published calls a second for a main account.
    let callsPerSecond: Int
    /// Parameters without which the gateway refuses.
    let required: [String]
    let perform: @Sendable (isolated CloudState, OpenAPIParameters) throws(BusinessError) -> OpenAPIResult

    init(
        _ name: String, callsPerSecond: Int, required: [String] = [],
        perform: @escaping @Sendable (isolated CloudState, OpenAPIParameters) throws(BusinessError) -> OpenAPIResult
    ) {
        (self.name, self.callsPerSecond, self.required, self.perform) = (name, callsPerSecond, required, perform)
    }

    /// Every action served, by name.
    static let catalogue: [String: OpenAPIAction] = Dictionary(
        (registration + reading + life + product).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
}
