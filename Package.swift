// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

// MARK: - Products of packages, named once

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let asn1: Target.Dependency = .product(name: "SwiftASN1", package: "swift-asn1")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let grdbSQLite: Target.Dependency = .product(name: "GRDBSQLite", package: "GRDB.swift")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdTLS: Target.Dependency = .product(name: "HummingbirdTLS", package: "hummingbird")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let mustache: Target.Dependency = .product(name: "Mustache", package: "swift-mustache")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioFoundation: Target.Dependency = .product(name: "NIOFoundationCompat", package: "swift-nio")
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let serviceLifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")
let systemPackage: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let tomlKit: Target.Dependency = .product(name: "TOMLKit", package: "TOMLKit")
let x509: Target.Dependency = .product(name: "X509", package: "swift-certificates")

// MARK: - Tests: one folder per target

func suite(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

let everySuite: [Target] = [
    suite("AliyunIoTTests", ["Locking", "AliyunIoT", "MQTT", "Provisioning", nioCore, nioPosix, nioSSL]),
    suite("BenchTests", ["Locking", "Bench", "BoardProtocols", "Provisioning"], exclude: ["Clients"]),
    suite("BoardProtocolsTests", ["BoardProtocols"]),
    suite(
        "ExecutionTests",
        [
            logging, "AliyunIoT", "Bench", "Execution", "Journal", "Locking", "Provisioning", "Reports", "Simulation",
            "Vault",
            crypto,
            nioCore, nioPosix,
        ]),
    suite(
        "FuzzingTests",
        [
            "AliyunIoT", "Bench", "BoardProtocols", "Execution", "Fuzzing", "Journal", "Locking", "Operator",
            "Provisioning", "Reports", "Vault", "station", crypto, logging, nioCore, nioPosix,
        ]),
    // A layer below SQLite that fails and forgets.
    .target(name: "StoragePreload", path: "Tests/StoragePreload", linkerSettings: [.linkedLibrary("dl")]),
    .target(name: "StorageFaults", path: "Tests/StorageFaults", linkerSettings: [.linkedLibrary("sqlite3")]),
    suite("JournalTests", ["Journal", "Locking", "Provisioning", "StorageFaults", crypto, grdb]),
    suite("LeafFuzzingTests", ["Fuzzing"]),
    suite("MQTTTests", ["Fuzzing", "Locking", "MQTT", nioCore, nioPosix, nioSSL]),
    suite(
        "OperatorTests",
        [
            "BoardProtocols", "Execution", "Fuzzing", "Journal", "Operator", "Locking", "Provisioning", "Reports",
            "Vault",
            asyncHTTPClient,
            crypto,
            httpTypes, hummingbird, logging, nioCore, nioEmbedded, nioFoundation, nioHTTP1, nioPosix, nioSSL,
        ]),
    suite("ProvisioningTests", ["Provisioning"]),
    suite(
        "SimulationTests",
        [
            "Locking", "AliyunIoT", "Bench", "BoardProtocols", "MQTT", "Provisioning", "Simulation", asyncHTTPClient,
            crypto,
            nioCore,
            nioFoundation, nioHTTP1, nioPosix, nioSSL, subprocess,
        ],
        exclude: ["Clients"]
    ),
    suite(
        "StationTests",
        [
            "AliyunIoT", "Execution", "Journal", "Locking", "Provisioning", "Reports", "Simulation", "Vault", "station",
            crypto, grdb,
            subprocess,
            systemPackage, tomlKit,
        ]),
    suite("ReportsTests", ["Journal", "Locking", "Provisioning", "Reports", "Vault", crypto, grdb]),
    suite("VaultTests", ["Locking", "Provisioning", "Vault"]),
]

/// All of them, or those that are named and what they are made with: sanitizers are for suites that do not need the whole
/// station built.
let tests = everySuite.filter { suite in
    guard suite.type == .test, let named = Context.environment["STATION_SUITES"] else { return true }
    return named.split(separator: " ").contains { $0 == suite.name }
}

/// Where bytes of strangers are read and what must hold then: for the tests, and for libFuzzer's executable `fuzz`.
let fuzzing: [Target] =
    [
        .target(
            name: "Fuzzing", dependencies: ["BoardProtocols", "MQTT", "Provisioning", nioCore], path: "Tests/Fuzzing",
            swiftSettings: strict)
    ]
    + (Context.environment["STATION_FUZZ"] == "1"
        ? [
            .executableTarget(
                name: "fuzz", dependencies: ["Fuzzing"], path: "Tests/Fuzzer",
                swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])])
        ] : [])

// MARK: - Simulated USB boards, a program of C on umockdev, and its checks: built only where STATION_USB_BOARD=1 is set

let hasUSBBoard = Context.environment["STATION_USB_BOARD"] == "1"

let usbBoard: [Target] =
    hasUSBBoard
    ? [
        .systemLibrary(name: "CGIO", pkgConfig: "gio-2.0", providers: [.apt(["libglib2.0-dev"])]),
        .systemLibrary(name: "CUMockdev", pkgConfig: "umockdev-1.0", providers: [.apt(["libumockdev-dev"])]),
        .executableTarget(name: "usb-board", dependencies: ["CGIO", "CUMockdev"]),
        .executableTarget(
            name: "usb-check", dependencies: ["Bench", "BoardProtocols", "Locking", "Provisioning"],
            path: "Tests/usb/check",
            swiftSettings: strict),
    ] : []

let package = Package(
    name: "provisioning-station",
    products: [
        .executable(name: "station", targets: ["station"]),
        // For tests alone: preloaded into the station, it makes its storage fail.
        .library(name: "storage-preload", type: .dynamic, targets: ["StoragePreload"]),
    ] + (hasUSBBoard ? [.executable(name: "usb-board", targets: ["usb-board"])] : []),
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/swift-server/async-http-client.git", from: "1.37.0"),
        .package(url: "https://github.com/apple/swift-asn1.git", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates.git", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache.git", from: "2.0.0"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess.git", from: "1.0.2"),
        .package(url: "https://github.com/apple/swift-system.git", from: "1.8.1"),
        .package(url: "https://github.com/LebJe/TOMLKit.git", from: "0.6.0"),
    ],
    targets: [
        // System libraries
        .systemLibrary(name: "CLibUSB", pkgConfig: "libusb-1.0", providers: [.apt(["libusb-1.0-0-dev"])]),
        .systemLibrary(name: "CArgon2", pkgConfig: "libargon2", providers: [.apt(["libargon2-dev"])]),
        .systemLibrary(name: "CProcess"),
        .systemLibrary(name: "CZint", providers: [.apt(["libzint-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

        // Wires and values, without I/O
        .target(name: "Locking", swiftSettings: strict),
        .target(name: "CutPoint", dependencies: ["Locking"], swiftSettings: strict),
        .target(name: "BoardProtocols", swiftSettings: strict),
        .target(name: "Provisioning", swiftSettings: strict),

        // The outside world, one target each
        .target(
            name: "MQTT",
            dependencies: ["Locking", logging, nioCore, nioPosix, nioTLS, nioSSL],
            swiftSettings: strict
        ),
        .target(
            name: "AliyunIoT",
            dependencies: [
                "Locking", "MQTT", "Provisioning", asyncHTTPClient, crypto, logging, nioCore, nioFoundation, nioHTTP1,
                nioPosix, nioSSL,
            ],
            swiftSettings: strict
        ),
        .target(
            name: "Bench",
            dependencies: [
                "BoardProtocols", "CLibUSB", "COpenSSL", "CZlib", "Locking", "Provisioning", subprocess, systemPackage,
            ],
            swiftSettings: strict
        ),
        .target(name: "Journal", dependencies: ["CutPoint", "Provisioning", crypto, grdb], swiftSettings: strict),
        .target(
            name: "Vault", dependencies: ["COpenSSL", "CutPoint", "Locking", "Provisioning"], swiftSettings: strict),

        // What is computed from the journal: figures, reconciliation, archives
        .target(
            name: "Reports",
            dependencies: ["CutPoint", "Journal", "Locking", "Provisioning", "Vault", crypto, grdb, mustache],
            swiftSettings: strict
        ),

        // How web servers of ours come to their end
        .target(
            name: "WebServing", dependencies: ["Locking", hummingbird, logging, nioCore, nioSSL, serviceLifecycle],
            swiftSettings: strict),

        // What runs boards
        .target(
            name: "Execution",
            dependencies: [
                "AliyunIoT", "Bench", "BoardProtocols", "CutPoint", "Journal", "Locking", "Provisioning", "Reports",
                "Vault",
                asyncHTTPClient, crypto, grdb, logging, nioCore, nioHTTP1, nioPosix, nioSSL, serviceLifecycle,
            ],
            swiftSettings: strict
        ),

        // What people see and do
        .target(
            name: "Operator",
            dependencies: [
                "CArgon2", "Execution", "Journal", "Locking", "Provisioning", "Reports", "Vault", "WebServing", asn1,
                crypto, httpTypes,
                hummingbird,
                hummingbirdTLS, logging, mustache, nioCore, nioFoundation, nioPosix, nioSSL, serviceLifecycle, x509,
            ],
            swiftSettings: strict
        ),

        // Stand-ins at the wire: the cloud and the boards
        .target(
            name: "Simulation",
            dependencies: [
                "AliyunIoT", "BoardProtocols", "CZlib", "Locking", "MQTT", "Provisioning", "WebServing", asn1,
                asyncHTTPClient,
                crypto,
                cryptoExtras, httpTypes, hummingbird, hummingbirdTLS, logging, nioCore, nioFoundation, nioHTTP1,
                nioPosix,
                nioSSL, serviceLifecycle, tomlKit, x509,
            ],
            swiftSettings: strict
        ),

        // The one shipped executable
        .executableTarget(
            name: "station",
            dependencies: [
                "AliyunIoT", "Bench", "BoardProtocols", "CProcess", "CZint", "Execution", "Journal", "Locking",
                "Operator",
                "Provisioning", "Reports", "Simulation", "Vault", argumentParser, asyncHTTPClient, crypto, grdb,
                grdbSQLite, httpTypes, hummingbird, logging, nioCore, nioHTTP1, nioPosix, serviceLifecycle, subprocess,
                systemPackage, tomlKit, unixSignals,
            ],
            swiftSettings: strict
        ),
    ] + usbBoard + fuzzing + tests,
    swiftLanguageModes: [.v6]
)
