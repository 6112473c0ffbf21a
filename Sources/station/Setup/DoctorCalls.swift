import Execution
import Foundation
import NIOCore
import NIOPosix
import Provisioning
import Vault

/// The doctor's look at what the station calls in the plant: the key shared with the MES, the label's template, and whether
/// MES, andon and printer accept a connection. Nothing is asked, told or printed.
struct DoctorCalls {
    /// The configuration's file, for the commands to be typed.
    let file: String
    let configuration: StationConfiguration

    func examine(into report: inout DoctorReport) async {
        let calls = configuration.calls
        if let andon = calls.andon, case .url(let url) = andon.target {
            report.findings.append(await connection("andon", url))
        }
        if let mes = calls.mes {
            report.findings.append(key())
            for url in Set([mes.beforeRun, mes.afterRun].compactMap { $0 }).sorted() {
                report.findings.append(await connection("mes", url))
            }
        }
        if let labels = calls.labels {
            report.findings.append(template(labels))
            if case .socket(let host, let port) = labels.printer {
                report.findings.append(await connection("label printer", host: host, port: port))
            }
        }
    }

    private func key() -> DoctorFinding {
        let expected = "mes/key in the vault"
        let next = "type: station secret set mes/key --config \(file)"
        // Opening makes a missing vault; the doctor makes nothing.
        guard FileManager.default.fileExists(atPath: configuration.dataFolder + "/vault/key") else {
            return .problem("mes key", expected: expected, seen: "there is no vault", next: next)
        }
        do {
            let vault = try configuration.openVault()
            guard let key = try vault.secret(SecretName(.mes, "key")) else {
                return .problem("mes key", expected: expected, seen: "it is not sealed", next: next)
            }
            return .ok("mes key", expected: expected, seen: "sealed, \(key.count) bytes")
        } catch {
            return .problem("mes key", expected: expected, seen: "\(error)", next: "seal it again: \(next)")
        }
    }

    private func template(_ labels: StationConfiguration.Calls.Labels) -> DoctorFinding {
        let expected = "a label with {device_name} or {identity}"
        let next = "correct it, or name another file in labels.template"
        guard let data = FileManager.default.contents(atPath: labels.template) else {
            return .problem(
                "label", expected: expected, seen: "\(labels.template) cannot be read", next: next)
        }
        do {
            let template = try LabelTemplate(String(decoding: data, as: UTF8.self))
            guard template.isUnique else {
                return .warning(
                    "label", expected: expected, seen: "\(labels.template) tells no unit from another", next: next)
            }
            return .ok("label", expected: expected, seen: labels.template)
        } catch {
            return .problem("label", expected: expected, seen: "\(labels.template): \(error)", next: next)
        }
    }

    private func connection(_ check: String, _ url: String) async -> DoctorFinding {
        guard let parts = URLComponents(string: url), let host = parts.host else {
            return .problem(check, expected: "an address", seen: "none", next: "correct its URL")
        }
        return await connection(check, host: host, port: parts.port ?? (parts.scheme == "https" ? 443 : 80))
    }

    private func connection(_ check: String, host: String, port: Int) async -> DoctorFinding {
        let expected = "a connection to \(host):\(port)"
        do {
            let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connectTimeout(.seconds(3)).connect(host: host, port: port).get()
            try? await channel.close()
            return .ok(check, expected: expected, seen: "accepted")
        } catch {
            return .warning(
                check, expected: expected, seen: "refused or no answer",
                next:
                    "look whether it is on and its address is right; boards wait for it or go on, as docs/calls.md says"
            )
        }
    }
}
