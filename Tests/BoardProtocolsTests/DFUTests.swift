import BoardProtocols
import Foundation
import Testing

@Suite("DFU")
struct DFUTests {
    @Test("The requests have the bytes of the specification")
    func requests() {
        #expect(DFURequest.detach(interface: 2, timeout: 1000).bytes == [0x21, 0, 0xE8, 3, 2, 0, 0, 0])
        #expect(DFURequest.download(interface: 0, block: 0x102, length: 2048).bytes == [0x21, 1, 2, 1, 0, 0, 0, 8])
        #expect(DFURequest.upload(interface: 1, block: 2, length: 64).bytes == [0xA1, 2, 2, 0, 1, 0, 64, 0])
        #expect(DFURequest.getStatus(interface: 0).bytes == [0xA1, 3, 0, 0, 0, 0, 6, 0])
        #expect(DFURequest.clearStatus(interface: 0).bytes == [0x21, 4, 0, 0, 0, 0, 0, 0])
        #expect(DFURequest.getState(interface: 0).bytes == [0xA1, 5, 0, 0, 0, 0, 1, 0])
        #expect(DFURequest.abort(interface: 0).bytes == [0x21, 6, 0, 0, 0, 0, 0, 0])
    }

    @Test("An answer to GETSTATUS gives status, wait and state")
    func report() throws {
        let report = try #require(DFUReport([0x0B, 0x34, 0x12, 0x01, 10, 0]))
        #expect(report.status == .vendor)
        #expect(report.pollTimeout == .milliseconds(0x11234))
        #expect(report.state == .error)
        #expect("\(report.status)".hasPrefix("errVENDOR") && "\(report.state)" == "dfuERROR")
        #expect(DFUReport([0, 0, 0, 0, 2]) == nil)
        #expect(DFUReport([0, 0, 0, 0, 11, 0]) == nil)
        #expect(DFUReport([0x42, 0, 0, 0, 2, 0])?.status == .unknown)
    }

    @Test("Each state and status has a name of its own")
    func names() {
        #expect(Set(DFUState.allCases.map(\.description)).count == 11)
        #expect(Set(DFUStatus.allCases.map(\.name)).count == 16)
        #expect(DFUStatus(rawValue: 0x0F)?.name == "errSTALLEDPKT")
    }

    @Test("The DFU interface is found behind other interfaces, with the descriptor after its last setting")
    func configuration() throws {
        let bytes: [UInt8] = [
            9, 2, 52, 0, 2, 1, 0, 0xC0, 50, 9, 4, 0, 0, 1, 2, 2, 1, 0, 7, 5, 0x81, 3, 8, 0, 16,
            9, 4, 1, 0, 0, 0xFE, 1, 2, 4, 9, 4, 1, 1, 0, 0xFE, 1, 2, 5, 9, 0x21, 0x0B, 0xFF, 0, 0, 8, 0x1A, 1,
        ]
        let configuration = try #require(USBConfiguration(bytes))
        let (interfaces, function) = try #require(DFUFunction.find(in: configuration))
        #expect(interfaces.map(\.alternate) == [0, 1] && interfaces.allSatisfy { $0.number == 1 })
        #expect(interfaces.map(\.nameIndex) == [4, 5])
        #expect(function.canDownload && function.canUpload && !function.isManifestationTolerant && function.willDetach)
        #expect(function.detachTimeout == 255 && function.transferSize == 2048 && function.isDfuSe)
        #expect(USBConfiguration(Array(bytes.dropLast())) == nil)
    }

    @Test(
        "What is no functional descriptor is refused",
        arguments: [[9, 0x22, 3, 0, 0, 0, 8, 0x10, 1], [9, 0x21, 3, 0, 0, 0, 0, 0x10, 1], [5, 0x21, 3, 0, 0]])
    func noFunction(bytes: [UInt8]) { #expect(DFUFunction(bytes) == nil) }

    @Test("A functional descriptor of version 1.0 has seven bytes")
    func oldFunction() {
        let function = DFUFunction([7, 0x21, 1, 0x0A, 0, 64, 0])
        #expect(function?.version == 0x0100 && function?.transferSize == 64 && function?.canUpload == false)
    }

    @Test("DfuSe commands carry the address lowest byte first")
    func commands() {
        #expect(DfuSeCommand.setPointer(0x0800_4000).bytes == [0x21, 0, 0x40, 0, 8])
        #expect(DfuSeCommand.erase(0x0802_0000).bytes == [0x41, 0, 0, 2, 8])
    }

    @Test("A suffix is read back, and a changed byte anywhere is noticed")
    func suffix() throws {
        let content = (0..<100).map { UInt8($0) }
        let file = DFUSuffix(vendor: 0x0483, product: 0xDF11, version: 0x011A).appended(to: content)
        let (suffix, found) = try DFUSuffix.parse(file)
        #expect(Array(found) == content && suffix.fits(vendor: 0x0483, product: 0xDF11))
        #expect(!suffix.fits(vendor: 0x0483, product: 0xDF12) && suffix.version == 0x011A)
        for index in file.indices {
            var damaged = file
            damaged[index] ^= 0x10
            #expect(throws: DFUSuffix.Failure.self) { try DFUSuffix.parse(damaged) }
        }
        #expect(throws: DFUSuffix.Failure.missing) { try DFUSuffix.parse([1, 2, 3]) }
    }

    @Test("A DfuSe file is read back, and one cut short is refused at every length")
    func file() throws {
        let file = DfuSeFile(targets: [
            .init(
                alternate: 0, name: "Flash",
                elements: [
                    .init(address: 0x0800_0000, bytes: [1, 2, 3]), .init(address: 0x0800_4000, bytes: [4]),
                ]),
            .init(alternate: 1, elements: []),
        ])
        let bytes = file.bytes
        #expect(try DfuSeFile(bytes[...]) == file)
        for length in 0..<bytes.count {
            #expect(throws: DfuSeFile.Failure.self) { try DfuSeFile(bytes[..<length]) }
        }
    }

    @Test("dfu-suffix accepts our suffix", .enabled(if: Self.tool("dfu-suffix") != nil, "dfu-suffix is not installed"))
    func peer() throws {
        let tool = try #require(Self.tool("dfu-suffix"))
        let path = FileManager.default.temporaryDirectory.appending(path: "station-\(UUID().uuidString).dfu")
        defer { try? FileManager.default.removeItem(at: path) }
        let file = DFUSuffix(vendor: 0x1209, product: 1).appended(to: Array(repeating: 0x5A, count: 1000))
        try Data(file).write(to: path)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: tool)
        process.arguments = ["-c", path.path]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let text = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0 && text.contains("0x1209"), "\(text)")
    }

    private static func tool(_ name: String) -> String? {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}
