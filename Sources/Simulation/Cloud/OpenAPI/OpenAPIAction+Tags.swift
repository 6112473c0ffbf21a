import Foundation

extension OpenAPIAction {
    /// Tags of a device ("SaveDeviceProp").
    static let tags: [OpenAPIAction] = [
        OpenAPIAction("SaveDeviceProp", callsPerSecond: 50, required: ["Props"]) {
            state, parameters throws(BusinessError) in
            let key = try state.device(parameters).key
            let text = parameters["Props"] ?? ""
            let object = (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any]
            guard text.utf8.count <= 5 << 10, let object, !object.isEmpty else { throw .badParameter("Props") }
            guard state.setTags(object.mapValues { "\($0)" }, of: key) else { throw .badParameter("Props") }
            return OpenAPIResult()
        },
        OpenAPIAction("QueryDeviceProp", callsPerSecond: 50) { state, parameters throws(BusinessError) in
            let tags = try state.device(parameters).tags.sorted { $0.key < $1.key }
            let props = CloudJSON.object(tags.map { ($0.key, .string($0.value)) })
            return OpenAPIResult(members: [("Props", .string(props.text))])
        },
    ]
}
