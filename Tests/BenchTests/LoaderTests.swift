import Bench
import BoardProtocols
import Foundation
import Locking
import Provisioning
import Testing

@Suite struct LoaderTests {
    /// A chip behind TCP and the connection of the slot it sits in.
    private struct Bed {
        let chip: ScriptedChip
        let server: BoardServer
        let connection: BoardConnection

        init(_ chip: ScriptedChip = ScriptedChip(), options: BoardConnection.Options = .init()) throws {
            self.chip = chip
            server = try BoardServer { _ in chip.handler() }
            connection = BoardConnection(
                slot: "1", port: try PortAddress("socket://127.0.0.1:\(server.port)"), options: options)
        }
    }

    private static let region = FlashRegion(
        name: "app", offset: 0x10000, image: (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) })

    @Test("identity, unique id and BLOCK3 are read without a stub")
    func identify() async throws {
        let bed = try Bed(options: .init(method: .espressif(chip: .esp32c3, userBlock: true)))
        bed.chip.set { state in
            for (index, word) in [0x3131_4E53, 0x3232, 0].enumerated() {
                state.registers[0x6000_887C + UInt32(index) * 4] = UInt32(word)
            }
        }
        let reading = try await bed.connection.identify()
        #expect(reading.macHex == "7CDFA1000004")
        #expect(reading.uidHex == "01000000020000000300000004000000")
        #expect(reading.uidSource == .chip)
        #expect(reading.identityText == "SN1122")
        #expect(reading.addressCount == 4)
        await bed.connection.close()
    }

    @Test("without a unique id in chip and flash the MAC has to serve", arguments: [UInt32(0), .max])
    func noUniqueID(_ word: UInt32) async throws {
        let bed = try Bed(ScriptedChip(uid: [word, word, word, word]))
        let reading = try await bed.connection.identify()
        #expect(reading.uidSource == .mac)
        #expect(reading.uid == reading.mac)
        await bed.connection.close()
    }

    @Test("another chip than the profile's is refused by name")
    func wrongChip() async throws {
        let bed = try Bed(options: .init(method: .espressif(chip: .esp32s3)))
        await #expect { _ = try await bed.connection.identify() } throws: { error in
            guard let error = error as? LoaderError else { return false }
            return error.kind == .wrongChip && error.expected == "ESP32-S3" && error.received == "ESP32-C3"
        }
        await bed.connection.close()
    }

    @Test("secure download mode is told from a fault")
    func secureDownload() async throws {
        let bed = try Bed()
        bed.chip.set { state in
            state.override = { request, _ in
                guard request.command == .getSecurityInfo else { return nil }
                return EspressifResponse(
                    request.operation, payload: EspressifSecurityInfo(flags: 4, chipID: 5).bytes, statusLength: 4
                ).frame
            }
        }
        await #expect { _ = try await bed.connection.identify() } throws: {
            ($0 as? LoaderError)?.kind == .securityLocked
        }
        await bed.connection.close()
    }

    @Test("a chip without security information is told by its magic word, eight refusals drained")
    func magicWord() async throws {
        let bed = try Bed()
        bed.chip.set { state in
            state.registers[EspressifChip.magicRegister] = 0x00F0_1D83
            state.registers[0x3FF5_A004] = 0xA100_0004
            state.registers[0x3FF5_A008] = 0x93_7CDF
            state.override = { request, _ in
                guard request.command == .getSecurityInfo else { return nil }
                return (0..<8).flatMap { _ in ScriptedChip.refuse(request, .badMessage) }
            }
        }
        let reading = try await bed.connection.identify()
        #expect(reading.chip == "ESP32")
        #expect(reading.macHex == "7CDFA1000004")
        await bed.connection.close()
    }

    @Test("an ESP32 whose MAC does not fit its check value is damaged; where the readings change, the line is")
    func damagedMAC() async throws {
        for steady in [true, false] {
            let bed = try Bed()
            let seen = Locked(0)
            bed.chip.set { state in
                state.registers[EspressifChip.magicRegister] = 0x00F0_1D83
                state.registers[0x3FF5_A004] = 0xA100_0005
                state.registers[0x3FF5_A008] = 0x93_7CDF
                state.override = { request, state in
                    if !steady, request.word(0) == 0x3FF5_A004, request.command == .readRegister {
                        // Two readings agree, the next two agree on another value.
                        let round = seen.withLock { count in
                            count += 1; return (count - 1) / 2
                        }
                        state.registers[0x3FF5_A004] = 0xA100_0005 ^ UInt32(round % 2) << 8
                    }
                    guard request.command == .getSecurityInfo else { return nil }
                    return ScriptedChip.refuse(request, .badMessage)
                }
            }
            await #expect { _ = try await bed.connection.identify() } throws: {
                ($0 as? LoaderError)?.kind == (steady ? .protocolError : .noise)
            }
            await bed.connection.close()
        }
    }

    @Test("silence is no response")
    func silence() async throws {
        let server = try BoardServer { _ in { _ in [] } }
        let connection = BoardConnection(slot: "1", port: try PortAddress("socket://127.0.0.1:\(server.port)"))
        await #expect { _ = try await connection.identify() } throws: { ($0 as? LoaderError)?.kind == .noResponse }
        await connection.close()
        server.stop()
    }

    @Test(
        "bytes that are no answer are noise, readable lines are a board that is not in its loader",
        arguments: [
            ([UInt8](repeating: 0x9B, count: 40), LoaderError.Kind.noise),
            (Array("I (31) boot: ESP-IDF 2nd stage bootloader\r\n".utf8), .noResponse),
        ])
    func notALoader(_ answer: [UInt8], _ kind: LoaderError.Kind) async throws {
        let server = try BoardServer { _ in { _ in answer } }
        let connection = BoardConnection(slot: "1", port: try PortAddress("socket://127.0.0.1:\(server.port)"))
        await #expect { _ = try await connection.identify() } throws: { ($0 as? LoaderError)?.kind == kind }
        await connection.close()
        server.stop()
    }

    @Test("a register that reads differently each time is noise, never an identity")
    func unsteady() async throws {
        let bed = try Bed()
        bed.chip.set { state in
            state.override = { request, state in
                if request.command == .readRegister, request.word(0) == 0x6000_8844 {
                    state.registers[0x6000_8844, default: 0] += 1
                }
                return nil
            }
        }
        await #expect { _ = try await bed.connection.identify() } throws: { ($0 as? LoaderError)?.kind == .noise }
        await bed.connection.close()
    }

    @Test("a region is erased only after the hook saw MAC and UID, then written and verified")
    func flash() async throws {
        let bed = try Bed()
        bed.chip.set { $0.digests[0x10000] = Digest.md5(Self.region.padded) }
        let plan = try FlashPlan(regions: [Self.region], skipMatching: false)
        let chip = bed.chip
        let seen = Locked<[String]>([])
        let report = try await bed.connection.flash(plan) { reading in
            #expect(chip.state.withLock(\.erased).isEmpty)
            seen.withLock { $0.append(reading.macHex) }
        }
        #expect(seen.withLock { $0 } == ["7CDFA1000004"])
        #expect(report.regions.map(\.written) == [true])
        #expect(report.regions[0].md5 == Digest.hex(Digest.md5(Self.region.padded)))
        #expect(report.method == .rom(reason: "no stub_directory is set"))
        #expect(report.baud == 921_600)
        #expect(report.before?.isSameBoard(as: report.after) == true)
        #expect(!bed.chip.log.contains(EspressifCommand.flashDeflateEnd.rawValue))
        #expect(report.bytesSent > Self.region.image.count / 4)
        await bed.connection.close()
    }

    @Test("a hook that throws leaves flash untouched")
    func hookRefuses() async throws {
        struct Refusal: Error {}
        let bed = try Bed()
        let plan = try FlashPlan(regions: [Self.region])
        await #expect(throws: Refusal.self) { _ = try await bed.connection.flash(plan) { _ in throw Refusal() } }
        #expect(bed.chip.state.withLock(\.erased).isEmpty)
        await bed.connection.close()
    }

    @Test("a board changed after identification is found before the first erase")
    func swapped() async throws {
        let bed = try Bed()
        _ = try await bed.connection.identify()
        bed.chip.set { $0.registers[0x6000_8844] = 0xA100_0008 }
        let plan = try FlashPlan(regions: [Self.region])
        await #expect { _ = try await bed.connection.flash(plan) { _ in } } throws: {
            ($0 as? LoaderError)?.kind == .otherBoard
        }
        #expect(bed.chip.state.withLock(\.erased).isEmpty)
        await bed.connection.close()
    }

    @Test("a region that already matches is left alone, and the hook is not called")
    func skips() async throws {
        let bed = try Bed()
        bed.chip.set { $0.digests[0x10000] = Digest.md5(Self.region.padded) }
        let report = try await bed.connection.flash(try FlashPlan(regions: [Self.region])) { _ in
            Issue.record("nothing is erased")
        }
        #expect(report.regions.map(\.written) == [false])
        #expect(report.before == nil)
        await bed.connection.close()
    }

    @Test("flash that holds something else after the write is a mismatch with region and both digests")
    func mismatch() async throws {
        let bed = try Bed()
        let plan = try FlashPlan(regions: [Self.region])
        await #expect { _ = try await bed.connection.flash(plan) { _ in } } throws: { error in
            guard let error = error as? LoaderError else { return false }
            return error.kind == .verifyMismatch && error.region == "app" && error.address == 0x10000
                && error.expected == Digest.hex(Digest.md5(Self.region.padded))
                && error.received == String(repeating: "0", count: 32)
        }
        await bed.connection.close()
    }

    @Test("a block is sent three times before it fails with its address", arguments: [2, 3])
    func blockTries(_ refusals: Int) async throws {
        let bed = try Bed()
        let left = Locked(refusals)
        bed.chip.set { state in
            state.digests[0x10000] = Digest.md5(Self.region.padded)
            state.override = { request, _ in
                guard request.command == .flashDeflateData, request.block?.sequence == 1,
                    left.withLock({ count in
                        count -= 1; return count >= 0
                    })
                else { return nil }
                return ScriptedChip.refuse(request, .badChecksum)
            }
        }
        let plan = try FlashPlan(regions: [Self.region], skipMatching: false)
        if refusals < 3 {
            let report = try await bed.connection.flash(plan) { _ in }
            #expect(report.regions[0].written)
        } else {
            await #expect { _ = try await bed.connection.flash(plan) { _ in } } throws: { error in
                guard let error = error as? LoaderError else { return false }
                return error.kind == .blockWrite && error.reason == .badChecksum && (error.address ?? 0) > 0x10000
            }
        }
        await bed.connection.close()
    }

    @Test("a release larger than the flash chip is refused before anything is erased")
    func tooSmall() async throws {
        let bed = try Bed()
        bed.chip.set { $0.flashID = 0x12_40C8 }
        let plan = try FlashPlan(regions: [FlashRegion(name: "app", offset: 0x40000, image: [1])])
        await #expect { _ = try await bed.connection.flash(plan) { _ in } } throws: {
            ($0 as? LoaderError)?.kind == .flashChip
        }
        #expect(bed.chip.state.withLock(\.erased).isEmpty)
        await bed.connection.close()
    }

    @Test("a port that closes in the middle of a write is lost")
    func lost() async throws {
        let chip = ScriptedChip()
        let server = try BoardServer { _ in
            let handler = chip.handler()
            return { bytes in
                let answer = handler(bytes)
                return chip.log.last == EspressifCommand.flashDeflateData.rawValue ? nil : answer
            }
        }
        let connection = BoardConnection(slot: "1", port: try PortAddress("socket://127.0.0.1:\(server.port)"))
        let plan = try FlashPlan(regions: [Self.region])
        await #expect { _ = try await connection.flash(plan) { _ in } } throws: {
            ($0 as? LoaderError)?.kind == .portLost
        }
        await connection.close()
        server.stop()
    }
}
