import Execution
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Provisioning

/// A command on its way to the daemon, with who asks. The socket is open to the station's own user alone, who is
/// believed.
struct ControlRequest: Codable, Sendable {
    let actor: String
    let command: StationCommand
}

/// The daemon's door for commands of the same machine: HTTP with JSON over the Unix socket `DATA/control.sock` (0600).
struct ControlSocket: Sendable {
    /// Longest path a Unix socket may have (sun_path).
    static let pathLimit = 107

    /// Bytes of one command: a list of some hundred thousand identities fits.
    private static let longestCommand = 16 * 1024 * 1024

    static func path(dataFolder: String) -> String { dataFolder + "/control.sock" }

    /// Whether a daemon accepts connections there; a socket that a killed one left behind does not.
    static func isServed(_ path: String) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let name = Array(path.utf8)
        guard name.count <= pathLimit else { return false }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, length) == 0 }
        }
    }

    let path: String
    let perform: @Sendable (ControlRequest) async throws -> JSONValue
    let logger: Logger

    /// Serves until cancelled or asked to stop gracefully.
    func run() async throws {
        unlink(path)
        defer { unlink(path) }
        let router = Router()
        router.post("/api/v1/commands") { request, context in
            let body = try await request.body.collect(upTo: Self.longestCommand)
            do {
                let request = try JSONDecoder().decode(ControlRequest.self, from: Data(body.readableBytesView))
                return Self.answer(.ok, try await perform(request))
            } catch let error as DecodingError {
                return Self.answer(.badRequest, ["error": .string("not a command: \(error)")])
            } catch {
                return Self.answer(.unprocessableContent, ["error": .string("\(error)")])
            }
        }
        let path = path
        // Being cancelled is how it ends, which the library reports as an error.
        var logger = logger
        logger.logLevel = .critical
        // The folder is the owner's alone before the socket exists; the socket's own mode follows.
        let application = Application(
            router: router,
            configuration: .init(address: .unixDomainSocket(path: path), serverName: "station"),
            onServerRunning: { _ in chmod(path, 0o600) }, logger: logger)
        try await application.run()
    }

    private static func answer(_ status: HTTPResponse.Status, _ value: JSONValue) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: value.text + "\n")))
    }
}
