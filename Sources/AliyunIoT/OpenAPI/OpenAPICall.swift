/// One call of the OpenAPI before it is signed.
struct OpenAPICall: Sendable {
    /// Where an action's own fields stand in its answer.
    enum Place: Sendable {
        /// In the member `Data`, as with most actions.
        case data
        /// Beside the envelope's fields.
        case top
    }

    let action: String
    let query: [(String, String)]
    /// Parameters of the form body; empty = no body.
    let form: [(String, String)]
    /// Whether it may be made again although it may have had an effect.
    let isRepeatable: Bool
    let place: Place
    /// Largest answer accepted, in bytes.
    let maximumAnswer: Int

    init(
        _ action: String, _ query: [(String, String)], form: [(String, String)] = [], isRepeatable: Bool,
        place: Place = .data, maximumAnswer: Int = HTTPCaller.maximumAnswer
    ) {
        self.action = action
        self.query = query
        self.form = form
        self.isRepeatable = isRepeatable
        self.place = place
        self.maximumAnswer = maximumAnswer
    }

    /// A list as the platform flattens it: `name.1=…&name.2=…`.
    static func list(_ name: String, _ values: [String]) -> [(String, String)] {
        values.enumerated().map { ("\(name).\($0.offset + 1)", $0.element) }
    }
}
