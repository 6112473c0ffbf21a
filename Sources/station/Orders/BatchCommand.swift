import ArgumentParser
import Execution
import Foundation
import Provisioning
import Reports
import Vault

/// The end of a batch: closed or terminated with a signed archive; archives verified anywhere.
struct BatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "batch",
        abstract: "Batches: close, terminate, verify an archive, print the public key.",
        discussion: """
            An order's batch ends with an archive, DATA/batches/ORDER: everything the journal says about it, the \
            reconciliation with the cloud, the report, signed with the station's key. Whoever has the public key verifies it \
            without the station, and is told the first line that is not as it was signed.

              station batch close WO-0001 --reason "shipped" --config station.toml
              station batch terminate WO-0001 --reason "recalled" --second li.wei --config station.toml
              station batch key --config station.toml > station.pem
              station batch verify WO-0001/ --key station.pem
            """,
        subcommands: [Close.self, Terminate.self, Verify.self, Key.self])

    struct Close: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Closes a batch: reconciles it, and writes its archive where no row is open.",
            discussion: """
                The order takes no board from here on. Turn the product's dynamic registration off in the console first \
                where no other order needs it: the probe's answer goes into the archive. Rows that are open leave the \
                order closing: `station reconcile` shows each with what is to be done; for boards that have to run again \
                hold the order and open it. Cut off anywhere, the command can be given again.

                Exit status 0 when the batch is closed, 1 while rows are open.
                """)

        @Argument(help: "The order, such as WO-0001.") var id: String
        @Option(help: "Why, for journal and archive.") var reason = "every unit is accounted for"
        @Option(help: ArgumentHelp("CSV with what was packed.", valueName: "file")) var packed: String?
        @OptionGroup var station: StationOptions

        func run() async throws {
            try await BatchEnding(station: station).follow(
                .closeBatch(order: id, packed: try packed.map(BatchEnding.text), reason: reason), order: id)
        }
    }

    struct Terminate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ends a batch although rows are open: two people sign, and each class has its reason.",
            discussion: """
                Reconciles like `close` and writes the archive with the exceptions. Without --exception the reason is \
                said of every class that has open rows; with it each of them needs its own.
                """)

        @Argument(help: "The order, such as WO-0001.") var id: String
        @Option(help: "Why, for journal and archive.") var reason: String
        @Option(help: ArgumentHelp("The second person who signs.", valueName: "person")) var second: String
        @Option(
            name: .customLong("exception"),
            help: ArgumentHelp("Why rows of one class stay open; once for each.", valueName: "class=reason"))
        var exceptions: [String] = []
        @Option(help: ArgumentHelp("CSV with what was packed.", valueName: "file")) var packed: String?
        @OptionGroup var station: StationOptions

        func run() async throws {
            var reasons: [String: String] = [:]
            for text in exceptions {
                let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
                guard parts.count == 2, ReconcileClass(name: parts[0])?.isOpen == true, !parts[1].isEmpty,
                    reasons.updateValue(parts[1], forKey: parts[0]) == nil
                else {
                    throw ValidationError(
                        "--exception \(text): expected CLASS=REASON, each class once, such as held=\"12 boards lost\"")
                }
            }
            try await BatchEnding(station: station).follow(
                .terminateBatch(
                    order: id, packed: try packed.map(BatchEnding.text), exceptions: reasons, second: second,
                    reason: reason), order: id)
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Verifies an archive by its folder and the public key alone.",
            discussion: """
                Needs no station, no journal and no network. Checks the signature, the SHA-256 of every file, the journal's \
                chain through records.jsonl up to the head, and computes the report's figures and the rows of units.csv \
                anew. Exit status 0 when everything is as it was signed, 1 otherwise; then it names each file that is not, \
                and its first line.
                """)

        @Argument(help: "The archive's folder.") var folder: String
        @Option(help: ArgumentHelp("PEM file with the station's public key.", valueName: "file")) var key: String
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            let key = try SigningPublicKey(pem: BatchEnding.text(key))
            let found = try ArchiveVerification.verify(folder, key: key)
            if json {
                print(Self.json(found).text)
            } else {
                for finding in found.findings { print("\(finding)") }
                if let manifest = found.manifest, found.isWhole {
                    print(
                        "\(manifest.order) \(manifest.ending): \(found.records) records up to \(manifest.head.seq), "
                            + "\(found.whole) of them whole, signed with \(key.hex): as it was signed")
                } else {
                    print(
                        "\(folder) is not as it was signed: \(found.findings.count) findings, the first one above all")
                }
            }
            guard found.isWhole else { throw ExitCode.failure }
        }

        private static func json(_ found: ArchiveVerification) -> JSONValue {
            [
                "whole": .bool(found.isWhole), "order": .init(found.manifest?.order),
                "ending": .init(found.manifest?.ending), "records": .int(found.records),
                "head": .init(found.manifest?.head.seq),
                "findings": .array(
                    found.findings.map {
                        [
                            "file": .string($0.file), "line": .init($0.line), "expected": .string($0.expected),
                            "received": .string($0.received),
                        ]
                    }),
            ]
        }
    }

    struct Key: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints the public key that archives are verified with.",
            discussion: """
                The key is made at its first use and sealed in the vault. Give the public half to whoever is to verify, on a \
                way of its own: an archive that brings its own key along proves nothing.
                """)

        @OptionGroup var station: StationOptions

        func run() async throws {
            print(try station.vault().signingPublicKey().pem, terminator: "")
        }
    }
}

/// Gives the command that ends a batch again until it is over, and tells how far it is.
struct BatchEnding {
    let station: StationOptions

    static func text(_ path: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ValidationError("\(path) cannot be read")
        }
        return String(decoding: data, as: UTF8.self)
    }

    func follow(_ command: StationCommand, order: String) async throws {
        let sender = try station.sender()
        var told = ""
        while true {
            let answer = try await sender.send(command)
            switch answer["state"].string {
            case "reconciling":
                let line = progress(answer["progress"])
                if line != told { note(line) }
                told = line
                if answer["progress"]["state"].string == "waiting" { try await Task.sleep(for: .seconds(2)) }
            case "open-rows":
                let counts = (answer["result"]["counts"].object ?? [:]).filter {
                    ($0.value.int ?? 0) > 0 && ReconcileClass(name: $0.key)?.isOpen == true
                }.sorted { $0.key < $1.key }
                for (name, count) in counts { print("  \(count.int ?? 0)  \(name)") }
                print(
                    "order \(order) is closing, \(answer["result"]["open"].int ?? 0) rows are open: "
                        + "`station reconcile \(order)` shows what is to be done about each")
                throw ExitCode.failure
            default:
                print("order \(order) is \(answer["state"].string ?? "?")")
                if let sentence = answer["switch"]["en"].string { print(sentence) }
                if let folder = answer["archive"]["folder"].string {
                    print("archive \(folder), manifest SHA-256 \(answer["archive"]["manifest_sha256"].string ?? "?")")
                }
                return
            }
        }
    }

    private func progress(_ progress: JSONValue) -> String {
        switch progress["state"].string {
        case "reading":
            "reads the cloud's devices: \(progress["devices"].int ?? 0)"
                + (progress["total"].int.map { " of \($0)" } ?? "")
        case "asking": "asks for \(progress["left"].int ?? 0) devices one by one"
        case "waiting": "waits for the cloud: \(progress["trouble"].string ?? "")"
        default: "reconciles"
        }
    }
}
