import AsyncHTTPClient
import Execution
import Foundation
import Journal
import NIOCore
import NIOHTTP1
import Provisioning

/// Carries a command to whoever owns the data folder: the running daemon, or this process when there is none.
struct CommandSender {
    let dataFolder: String
    let profiles: [String: BoardProfile]
    /// Who asks, for the journal.
    let actor: String

    init(dataFolder: String, profiles: [String: BoardProfile]) {
        self.dataFolder = dataFolder
        self.profiles = profiles
        actor = "cli:" + (ProcessInfo.processInfo.environment["SUDO_USER"] ?? NSUserName())
    }

    /// - Throws: what the command says is wrong, or ``JournalError`` when the folder cannot be owned.
    func send(_ command: StationCommand) async throws -> JSONValue {
        if let answer = try await ask(command) { return answer }
        let journal = try Journal(folder: dataFolder)
        return try await command.perform(
            journal: journal, releases: ReleaseStore(dataFolder: dataFolder), profiles: profiles, actor: actor)
    }

    /// The daemon's answer, or nil when no daemon listens.
    private func ask(_ command: StationCommand) async throws -> JSONValue? {
        let path = ControlSocket.path(dataFolder: dataFolder)
        guard FileManager.default.fileExists(atPath: path),
            let encoded = path.addingPercentEncoding(withAllowedCharacters: .alphanumerics)
        else { return nil }
        var request = HTTPClientRequest(url: "http+unix://\(encoded)/api/v1/commands")
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        request.body = .bytes(
            ByteBuffer(bytes: try JSONEncoder().encode(ControlRequest(actor: actor, command: command))))
        var configuration = HTTPClient.Configuration()
        // A socket that a killed daemon left behind refuses at once: that is the answer, not a reason to try again.
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let answer = try await ask(request, client)
            try await client.shutdown()
            return answer
        } catch {
            try await client.shutdown()
            throw error
        }
    }

    private func ask(_ request: HTTPClientRequest, _ client: HTTPClient) async throws -> JSONValue? {
        let response: HTTPClientResponse
        do {
            response = try await client.execute(request, timeout: .seconds(30))
        } catch let error as IOError where [ENOENT, ECONNREFUSED].contains(error.errnoCode) {
            // Nobody listens: a daemon that was killed left its socket behind. Any other trouble may come after the
            // command was carried out, and is told.
            return nil
        }
        let body = try await response.body.collect(upTo: 1024 * 1024)
        let value = try JSONValue(parsing: String(buffer: body))
        guard response.status == .ok else {
            throw StationCommand.CommandError(
                description: value["error"].string ?? "the daemon answered \(response.status)")
        }
        return value
    }
}
