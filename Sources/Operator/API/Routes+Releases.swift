import Execution
import Foundation
import HTTPTypes
import Journal
import Provisioning

extension RouteTable {
    /// Firmware releases.
    static let releases: [Route] = [
        Route(
            .get, "/releases", .signedIn, scope: .read,
            "Every release, and the board profiles with the files they take.",
            .json(
                .ok,
                .object([
                    .init("releases", .list(.release, count: 0...100_000)),
                    .init("profiles", .list(.text, count: 0...1000)),
                    .init("profile_regions", .map(.list(.text, count: 0...64))),
                ])),
            { call in
                let releases = try await call.desk.journal.releases()
                let profiles = call.desk.profiles
                return Answer([
                    "releases": .array(releases.map { $0.listed(findings: []) }),
                    "profiles": .array(profiles.keys.sorted().map(JSONValue.string)),
                    "profile_regions": .object(
                        profiles.mapValues { .array($0.flash.regions.map { .string($0.file) }) }),
                ])
            }),
        Route(
            .post, "/releases", .permission(.addRelease),
            "Imports a release: the fields first, then each file that the board profile's regions name.",
            body: .form(.releaseForm), .json(.created, .release),
            { call in
                let (desk, actor) = (call.desk, try call.caller.actor)
                return try await ReleaseUpload.with(
                    call, profiles: desk.profiles, dataFolder: desk.journal.folder
                ) { upload in
                    let ship = upload.fields.filter { $0.key.hasPrefix("ship.") }
                        .map { (String($0.key.dropFirst(5)), $0.value) }
                    let sdk = upload.fields["device_sdk"].flatMap { $0.isEmpty ? nil : $0 }
                    let added = try await desk.perform(
                        .addRelease(
                            folder: upload.folder, profile: upload.fields["profile"] ?? "",
                            version: upload.fields["version"] ?? "", deviceSDK: sdk,
                            ship: Dictionary(ship) { _, last in last }), actor)
                    guard case .object(var members) = added else { return Answer(added, status: .created) }
                    if members["findings"] == nil { members["findings"] = [] }
                    return Answer(.object(members), status: .created)
                }
            }),
    ]
}

extension Release {
    /// As the API lists it.
    fileprivate func listed(findings: [JSONValue]) -> JSONValue {
        guard case .object(var members) = json else { return json }
        members["findings"] = .array(findings)
        return .object(members)
    }
}

extension Schema {
    static let release = Schema.named(
        "Release",
        .object([
            .init("profile", .text), .init("version", .text), .init("sha256", .anyText),
            .init("device_sdk", .nullable(.text)), .init("ship", .map(.anyText)),
            .init(
                "images",
                .list(
                    .object([
                        .init("region", .text), .init("file", .text), .init("size", .count), .init("sha256", .text),
                    ]), count: 0...64)),
            .init(
                "findings",
                .list(
                    .object([
                        .init("level", .choice(["warn", "bad"])), .init("region", .text), .init("zh", .anyText),
                        .init("en", .anyText),
                    ]), count: 0...256), "what the images' headers say against the profile"),
        ]))

    static let releaseForm = Schema.object([
        .init("profile", .text), .init("version", .string(length: 1...32, pattern: "^[A-Za-z0-9._+-]+$")),
        .init(
            "device_sdk",
            .string(
                length: 3...40, pattern: #"^(c|python|java|android|node|other)-[0-9]{1,3}(\.[0-9]{1,4}){0,3}$"#,
                example: "c-4.2.0"), isOptional: true),
    ])
}
