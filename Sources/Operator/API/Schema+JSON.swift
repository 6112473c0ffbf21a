import Provisioning

extension Schema {
    /// As JSON Schema 2020-12, which OpenAPI 3.1 takes as it is; named ones are referred to and gathered in `names`.
    func json(_ names: inout [String: JSONValue]) -> JSONValue {
        switch self {
        case .anything: return [:]
        case .null: return ["type": "null"]
        case .constant(let only): return ["const": only]
        case .boolean: return ["type": "boolean"]
        case .choice(let words): return ["type": "string", "enum": .array(words.map(JSONValue.string))]
        case .integer(let range):
            return ["type": "integer", "minimum": .int(range.lowerBound), "maximum": .int(range.upperBound)]
        case .string(let length, let pattern, let example):
            var members: [String: JSONValue] = [
                "type": "string", "minLength": .init(length.lowerBound), "maxLength": .init(length.upperBound),
            ]
            if let pattern { members["pattern"] = .string(pattern) }
            if let example { members["examples"] = [.string(example)] }
            return .object(members)
        case .list(let element, let count):
            return [
                "type": "array", "items": element.json(&names), "minItems": .init(count.lowerBound),
                "maxItems": .init(count.upperBound),
            ]
        case .map(let element): return ["type": "object", "additionalProperties": element.json(&names)]
        case .nullable(let schema): return ["anyOf": [schema.json(&names), ["type": "null"]]]
        case .named(let name, let schema):
            if names[name] == nil {
                names[name] = .null
                names[name] = schema.json(&names)
            }
            return ["$ref": .string("#/components/schemas/\(name)")]
        case .object(let fields):
            var properties: [String: JSONValue] = [:]
            for field in fields {
                let schema = (field.isOptional ? .nullable(field.schema) : field.schema).json(&names)
                guard !field.note.isEmpty, case .object(var members) = schema else {
                    properties[field.name] = schema
                    continue
                }
                members["description"] = .string(field.note)
                properties[field.name] = .object(members)
            }
            return [
                "type": "object", "properties": .object(properties), "additionalProperties": false,
                "required": .array(fields.filter { !$0.isOptional }.map { .string($0.name) }),
            ]
        }
    }
}
