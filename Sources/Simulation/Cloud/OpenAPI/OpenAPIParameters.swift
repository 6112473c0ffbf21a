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
