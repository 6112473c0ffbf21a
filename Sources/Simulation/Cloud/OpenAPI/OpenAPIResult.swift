/// What a successful call adds to the envelope, and what is to happen after its answer is certain.
struct OpenAPIResult: Sendable {
    /// Members after `RequestId`, `Success` and `Code`.
    var members: [(String, CloudJSON)] = []
    /// Sessions that the call ended.
    var closed: [LiveSession] = []
    /// `Code` of a success: most actions leave it empty, some say "Success".
    var code = ""

    /// An answer whose content stands under `Data`.
    static func data(_ data: CloudJSON) -> OpenAPIResult { OpenAPIResult(members: [("Data", data)]) }
}
