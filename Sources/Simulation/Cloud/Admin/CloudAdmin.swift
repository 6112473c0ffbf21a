import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1

/// Drives a running stand-in through its admin door, as `station simulate switch|faults|devices` and tests do.
public struct CloudAdmin: Sendable {
    /// URL of the admin door.
    public let url: String
    /// Time for one call, its answer's body included.
    public var deadline: Duration = .seconds(10)

    /// - Throws: ``CloudStandInError`` where the stand-in has no admin door.
    public init(_ ready: ReadyFile) throws {
        guard let url = ready.admin else {
            throw CloudStandInError(
                code: .admin, sentence: "the stand-in has no admin door: give [listen] admin = 0 in its configuration")
        }
        self.url = url
    }

    /// Turns a product's dynamic-registration switch, as the platform's console does.
    public func turnSwitch(product: String, on: Bool) async throws {
        let name = WireSignature.percentEncode(product)
        _ = try await call(.POST, "/switch?product=\(name)&state=\(on ? "on" : "off")")
    }

    /// Lets a product's devices have been made that many hours earlier.
    public func age(product: String, hours: Int) async throws {
        _ = try await call(.POST, "/age?product=\(WireSignature.percentEncode(product))&hours=\(hours)")
    }

    /// Turns fault switches; what is `nil` stays. Returns all positions afterwards.
    @discardableResult
    public func set(_ faults: FaultSettings) async throws -> FaultSettings {
        let body = try JSONEncoder().encode(faults)
        return try JSONDecoder().decode(FaultSettings.self, from: try await call(.POST, "/faults", body: body))
    }

    /// Sets a fault of one kind of calls in place of all that were set; see ``FaultSettings/calls``.
    public func set(_ fault: CloudFault, of call: String = "*", times: Int? = nil) async throws {
        try await set(FaultSettings(calls: [call: CallFault(fault, times: times)]))
    }

    /// Takes all faults of single kinds of calls back; answers that were held go out.
    public func takeBackCallFaults() async throws { try await set(FaultSettings(calls: [:])) }

    /// How often each kind of call has been carried out.
    public func calls() async throws -> [String: Int] {
        try JSONDecoder().decode([String: Int].self, from: try await call(.GET, "/calls"))
    }

    /// What the stand-in holds, without secrets, in the order of creation.
    public func devices() async throws -> [ListedDevice] {
        try JSONDecoder().decode([ListedDevice].self, from: try await call(.GET, "/devices"))
    }

    /// The true reasons of the last refusals, oldest first.
    public func refusals() async throws -> [ListedRefusal] {
        try JSONDecoder().decode([ListedRefusal].self, from: try await call(.GET, "/refusals"))
    }

    private enum Method: String { case GET, POST }

    private func call(_ method: Method, _ path: String, body: Data? = nil) async throws -> Data {
        var request = HTTPClientRequest(url: url + path)
        request.method = .init(rawValue: method.rawValue)
        if let body { request.body = .bytes(body) }
        let (wanted, limit) = (request, TimeAmount(deadline))
        do {
            let response = try await HTTPClient.shared.execute(wanted, timeout: limit)
            let answer = try await response.body.collect(upTo: 64 << 20)
            guard response.status.code == 200 else {
                let reason = (try? JSONDecoder().decode([String: String].self, from: Data(buffer: answer)))?["error"]
                throw CloudStandInError(
                    code: .admin,
                    sentence: "the stand-in refused: \(reason ?? "HTTP status \(response.status.code)")")
            }
            return Data(buffer: answer)
        } catch let error as CloudStandInError {
            throw error
        } catch {
            throw CloudStandInError(
                code: .admin, sentence: "the stand-in at \(url) does not answer (\(error)): is it still running?")
        }
    }
}
