import AliyunIoT
import MQTT
import Provisioning

@testable import Simulation

/// One kind of call that the station, its relay or a board makes to the cloud, with what it needs made ready.
struct FaultyCall: Sendable {
    /// As the stand-in counts it.
    let name: String
    /// What tells calls of one kind apart.
    var variant = ""
    let perform: @Sendable (_ bed: FaultBed, _ client: FaultBed.Client) async throws -> Void

    var label: String { variant.isEmpty ? name : "\(name) (\(variant))" }

    private static let product = RunningCloud.productKey

    /// Whether it changes something for good, and so must not be made again by itself.
    var isWrite: Bool {
        [
            "RegisterDevice", "BatchRegisterDeviceWithApplyId", "TransformClientId", "DeleteClientIds", "ResetThing",
            "DeleteDevice", "DisableThing", "EnableThing",
        ].contains(name)
    }

    private static func openAPI(
        _ name: String, _ perform: @escaping @Sendable (FaultBed, OpenAPIClient) async throws -> Void
    ) -> FaultyCall {
        FaultyCall(name: name) { bed, client in try await perform(bed, client.api) }
    }

    /// Every call there is.
    static let all: [FaultyCall] = [
        openAPI("RegisterDevice") {
            _ = try await $1.registerDevice(productKey: product, deviceName: "newcomer", within: $0.within)
        },
        openAPI("QueryDeviceDetail") {
            _ = try await $1.queryDeviceDetail(productKey: product, deviceName: "detail", within: $0.within)
        },
        openAPI("GetDeviceStatus") {
            _ = try await $1.getDeviceStatus(productKey: product, deviceName: "detail", within: $0.within)
        },
        openAPI("QueryProduct") { _ = try await $1.queryProduct(productKey: product, within: $0.within) },
        openAPI("QueryProductList") { _ = try await $1.products(perPage: $0.within) },
        openAPI("BatchGetDeviceState") {
            _ = try await $1.batchGetDeviceState(productKey: product, deviceNames: ["detail"], within: $0.within)
        },
        openAPI("BatchQueryDeviceDetail") {
            _ = try await $1.batchQueryDeviceDetail(productKey: product, deviceNames: ["detail"], within: $0.within)
        },
        openAPI("QueryDevice") {
            for try await _ in $1.devices(productKey: product, perPage: $0.within) { break }
        },
        openAPI("QueryDeviceStatistics") {
            _ = try await $1.queryDeviceStatistics(productKey: product, within: $0.within)
        },
        openAPI("BatchCheckDeviceNames") {
            _ = try await $1.batchCheckDeviceNames(
                productKey: product, deviceNames: ["batch-3", "batch-4"], within: $0.within)
        },
        openAPI("BatchRegisterDeviceWithApplyId") {
            _ = try await $1.batchRegisterDevices(productKey: product, applyID: $0.apply, within: $0.within)
        },
        openAPI("QueryBatchRegisterDeviceStatus") {
            _ = try await $1.batchRegisterStatus(productKey: product, applyID: $0.doneApply, within: $0.within)
        },
        openAPI("QueryPageByApplyId") {
            _ = try await $1.batchPage(applyID: $0.doneApply, page: 1, within: $0.within)
        },
        openAPI("QueryClientIds") { _ = try await $1.queryClientIDs(iotID: $0.id("clients"), within: $0.within) },
        openAPI("TransformClientId") {
            try await $1.transformClientID(
                iotID: $0.id("clients"), keeping: $0.clients.last?.clientID ?? "", within: $0.within)
        },
        openAPI("DeleteClientIds") { try await $1.deleteClientIDs(iotID: $0.id("clear"), within: $0.within) },
        openAPI("ResetThing") { try await $1.resetThing(iotID: $0.id("reset"), within: $0.within) },
        openAPI("DeleteDevice") { try await $1.deleteDevice(iotID: $0.id("delete"), within: $0.within) },
        openAPI("DisableThing") { try await $1.disableThing(iotID: $0.id("disable"), within: $0.within) },
        openAPI("EnableThing") { try await $1.enableThing(iotID: $0.id("enable"), within: $0.within) },
        openAPI("QueryDeviceProp") {
            _ = try await $1.tags(productKey: product, deviceName: "detail", within: $0.within)
        },
        openAPI("SaveDeviceProp") {
            try await $1.saveTag("ps.fault", "1", productKey: product, deviceName: "detail", within: $0.within)
        },
        FaultyCall(name: "register-https") { _, client in
            _ = try await client.registration.overHTTPS(
                productKey: product, deviceName: "https", productSecret: RunningCloud.productSecret)
        },
        FaultyCall(name: "register-mqtt", variant: "pre-registered") { _, client in
            _ = try await client.registration.overMQTT(
                productKey: product, deviceName: "mqtt", productSecret: RunningCloud.productSecret)
        },
        FaultyCall(name: "register-mqtt", variant: "no pre-registration") { _, client in
            _ = try await client.registration.overMQTTWithoutPreregistration(
                productKey: product, deviceName: "mqtt-wl", productSecret: RunningCloud.productSecret)
        },
        FaultyCall(name: "connect-mqtt", variant: "DeviceSecret") { bed, client in
            try await client.connection("secret").withSession(deviceSecret: bed.secret, deadline: client.deadline) {
                try await $0.reportFirmware(version: "1.0.0")
                try await $0.postProperty(["uptime": 1], deadline: client.deadline)
            }
        },
        FaultyCall(name: "connect-mqtt", variant: "ClientID and DeviceToken") { bed, client in
            try await client.connection("token").withSession(credential: bed.token, deadline: client.deadline) {
                try await $0.reportFirmware(version: "1.0.0")
                try await $0.postProperty(["uptime": 1], deadline: client.deadline)
            }
        },
    ]
}
