/// One action of the OpenAPI product `Iot`, version 2018-01-20.
struct OpenAPIAction: Sendable {
    let name: String
    /// Published calls a second for a main account; its RAM users share them.
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
        [registration, batch, imports, tags, reading, lists, search, life, clientIDs, product].joined()
            .map { ($0.name, $0) },
        uniquingKeysWith: { first, _ in first })
}
