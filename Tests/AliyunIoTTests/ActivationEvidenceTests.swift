import Testing

@testable import AliyunIoT

@Suite("Proof of activation by two readings")
struct ActivationEvidenceTests {
    static let early = "2026-11-23T02:48:41.000Z"
    static let late = "2026-11-23T02:48:41.001Z"

    static func reading(
        _ state: DeviceState?, id: String = "iot-1", active: String? = nil, online: String? = nil
    ) -> DeviceReading {
        DeviceReading(state: state, iotID: id, activatedAt: active, onlineAt: online, requestID: "R")
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let what: String
        let before: DeviceReading?
        let after: DeviceReading
        let ground: ActivationEvidence.Ground?
        var testDescription: String { what }
    }

    static let table: [Case] = [
        Case(
            what: "first activation proves", before: reading(.unactive), after: reading(.online, active: early),
            ground: .activated),
        Case(
            what: "first activation, already offline again", before: reading(.unactive),
            after: reading(.offline, active: early, online: early), ground: .activated),
        Case(
            what: "not there before, active after", before: nil, after: reading(.online, active: early),
            ground: .activated),
        Case(
            what: "an empty time is no time", before: reading(.unactive, active: "", online: ""),
            after: reading(.online, active: early), ground: .activated),
        Case(
            what: "online a millisecond later proves", before: reading(.offline, active: early, online: early),
            after: reading(.online, active: early, online: late), ground: .cameOnline),
        Case(
            what: "the same time proves nothing", before: reading(.offline, active: early, online: early),
            after: reading(.online, active: early, online: early), ground: nil),
        Case(
            what: "the same moment written shorter proves nothing",
            before: reading(.offline, active: early, online: "2026-11-23T02:48:41Z"),
            after: reading(.online, active: early, online: early), ground: nil),
        Case(
            what: "an earlier time proves nothing", before: reading(.offline, active: early, online: late),
            after: reading(.online, active: early, online: early), ground: nil),
        Case(
            what: "a later activation time alone is no new one", before: reading(.offline, active: early),
            after: reading(.online, active: late), ground: nil),
        Case(
            what: "UNACTIVE never proves", before: reading(.unactive),
            after: reading(.unactive, active: early, online: late), ground: nil),
        Case(
            what: "DISABLE never proves", before: reading(.unactive),
            after: reading(.disable, active: early, online: late), ground: nil),
        Case(
            what: "an unknown state never proves", before: reading(.unactive), after: reading(nil, active: early),
            ground: nil),
        Case(what: "ONLINE without times", before: reading(.unactive), after: reading(.online), ground: nil),
        Case(what: "ONLINE without times, not there before", before: nil, after: reading(.online), ground: nil),
        Case(
            what: "ONLINE with empty times", before: nil, after: reading(.online, active: "", online: ""),
            ground: nil),
        Case(
            what: "an online time against none before", before: reading(.offline, active: early),
            after: reading(.online, active: early, online: late), ground: nil),
        Case(
            what: "an online time alone, not there before", before: nil, after: reading(.online, online: late),
            ground: nil),
        Case(
            what: "a time that cannot be read", before: reading(.unactive),
            after: reading(.online, active: "2026-11-23 02:48:41"), ground: nil),
        Case(
            what: "an activation time before that cannot be read counts as set",
            before: reading(.offline, active: "yesterday"), after: reading(.online, active: late), ground: nil),
        Case(
            what: "another IotId is another device", before: reading(.unactive, id: "iot-1"),
            after: reading(.online, id: "iot-2", active: early), ground: nil),
        Case(
            what: "an IotId that was not told does not contradict", before: reading(.unactive, id: ""),
            after: reading(.online, id: "iot-2", active: early), ground: .activated),
    ]

    @Test("only a later reading that a connection alone explains is proof", arguments: table)
    func prove(_ example: Case) {
        let evidence = ActivationEvidence.prove(before: example.before, after: example.after)
        #expect(evidence?.ground == example.ground)
        if let evidence { #expect(evidence.before == example.before && evidence.after == example.after) }
    }

    @Test(
        "the cloud's times are read to the millisecond",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("1970-01-01T00:00:00.001Z", 1),
            ("2019-06-21T12:31:42.000Z", 1_561_120_302_000),
            ("2000-02-29T23:59:59.9Z", 951_868_799_900), ("2026-11-23T08:00:00.1239Z", 1_795_420_800_123),
            ("1969-12-31T23:59:59.999Z", -1),
        ])
    func instant(_ text: String, _ milliseconds: Int64) {
        #expect(CloudInstant(text)?.milliseconds == milliseconds)
    }

    @Test(
        "what is no such time is nil",
        arguments: [
            "", "2026-11-23", "2026-11-23T08:00:00", "2026-11-23T08:00:00+08:00", "2026-11-23 08:00:00Z",
            "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-11-31T00:00:00Z", "2026-11-23T24:00:00Z",
            "2026-11-23T08:60:00Z", "2026-11-23T08:00:00.Z", "2026-11-23T08:00:00,5Z", "2026-11-2aT08:00:00Z",
            "-026-11-23T08:00:00Z",
        ])
    func noInstant(_ text: String) { #expect(CloudInstant(text) == nil) }
}
