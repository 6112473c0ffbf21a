import AsyncHTTPClient
import Execution
import Foundation
import Journal
import NIOCore
import NIOHTTP1
import Provisioning
import Vault

extension StationCommand {
    /// How long the daemon may take to answer: writing an archive of a large batch takes minutes.
    fileprivate var answerLimit: TimeAmount {
        switch self {
        case .closeBatch, .terminateBatch, .archiveRuns, .listUnknown, .settleRestore: .hours(2)
        default: .seconds(150)
        }
    }
}

/// Carries a command to whoever owns the data folder: the running daemon, or this process when there is none.
struct CommandSender {
    let dataFolder: String
    let profiles: [String: BoardProfile]
    /// nil where the station is named by its data folder alone: then commands that need the cloud need a daemon.
    let configuration: StationConfiguration?
    /// Who asks, for the journal.
    let actor: String

    /// Where texts and templates are; nil where no batch is ended.
    let home: StationHome?

    init(
        dataFolder: String, profiles: [String: BoardProfile], configuration: StationConfiguration?,
        home: StationHome? = nil
    ) {
        self.dataFolder = dataFolder
        self.home = home
        self.profiles = profiles
        self.configuration = configuration
        actor = "cli:" + (ProcessInfo.processInfo.environment["SUDO_USER"] ?? NSUserName())
    }

    /// - Throws: what the command says is wrong, or ``JournalError`` when the folder cannot be owned.
    func send(_ command: StationCommand) async throws -> JSONValue {
        if let answer = try await ask(command) { return answer }
        return try await alone { journal in
            guard command.needsCloud else { return try await command.perform(context(journal, nil)) }
            return try await withCloud { try await command.perform(context(journal, $0)) }
        }
    }

    /// Runs `body` with the journal of a station that no daemon runs; what a crash left open is concluded first.
    func alone<Result>(_ body: (Journal) async throws -> Result) async throws -> Result {
        let journal = try Journal(
            folder: dataFolder,
            witness: configuration?.witnessPath ?? HeadWitness.defaultPath(dataFolder: dataFolder),
            watchesPlace: true)
        try await journal.concludeInterrupted(actor: actor)
        return try await body(journal)
    }

    /// Runs `body` with the cloud's clients.
    func withCloud<Result>(_ body: (CloudDesk) async throws -> Result) async throws -> Result {
        guard let configuration else {
            throw StationCommand.CommandError(description: "this command asks the cloud: name --config FILE")
        }
        let cloud = try CloudConnection(configuration, vault: configuration.openVault()) {
            configuration.page == nil
        }
        do {
            let result = try await body(cloud.desk)
            await cloud.shutdown()
            return result
        } catch {
            await cloud.shutdown()
            throw error
        }
    }

    private func context(_ journal: Journal, _ desk: CloudDesk?) -> CommandContext {
        CommandContext(
            journal: journal, releases: ReleaseStore(dataFolder: dataFolder), profiles: profiles, desk: desk,
            batches: home.map { home in
                BatchSettings(configuration: configuration, home: home) { [dataFolder, configuration] in
                    try configuration?.openVault() ?? Vault.open(dataFolder: dataFolder)
                }
            }, actor: actor)
    }

    /// Whether somebody listens at the data folder's socket.
    var hasDaemon: Bool { ControlSocket.isServed(ControlSocket.path(dataFolder: dataFolder)) }

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
            let answer = try await ask(request, client, limit: command.answerLimit)
            try await client.shutdown()
            return answer
        } catch {
            try await client.shutdown()
            throw error
        }
    }

    private func ask(
        _ request: HTTPClientRequest, _ client: HTTPClient, limit: TimeAmount
    ) async throws -> JSONValue? {
        let response: HTTPClientResponse
        do {
            response = try await client.execute(request, timeout: limit)
        } catch let error as IOError where [ENOENT, ECONNREFUSED].contains(error.errnoCode) {
            // Nobody listens: a daemon that was killed left its socket behind. Any other trouble may come after the
            // command was carried out, and is told.
            return nil
        }
        let body = try await response.body.collect(upTo: 4 * 1024 * 1024)
        let value = try JSONValue(parsing: String(buffer: body))
        guard response.status == .ok else {
            throw StationCommand.CommandError(
                description: value["error"].string ?? "the daemon answered \(response.status)")
        }
        return value
    }
}
