import Foundation
import Provisioning
import Vault

/// The doctor's look at the vault: its rights, and whether the secrets that will be needed open.
struct DoctorVault {
    /// The configuration's file, for the commands to be typed.
    let file: String
    let configuration: StationConfiguration
    let orders: [WorkOrder]

    /// What could be unsealed; never printed.
    struct Secrets {
        var accessKey: Secret?
        /// By ProductKey.
        var products: [String: Secret] = [:]
    }

    func examine(into report: inout DoctorReport) -> Secrets {
        let folder = configuration.dataFolder + "/vault"
        let seal = sealing(configuration.cloud.accessKeyID)
        // Opening makes a missing vault; the doctor makes nothing.
        guard FileManager.default.fileExists(atPath: folder) else {
            report.findings.append(
                .problem("vault", expected: "the station's sealed secrets", seen: "\(folder) is not there", next: seal))
            return Secrets()
        }
        guard access(folder + "/key", F_OK) == 0 else {
            report.findings.append(
                .problem(
                    "vault", expected: "a key of mode 0600",
                    seen: "\(folder)/key is not there, or this account may not look",
                    next: "put the key back from its backup, or run the doctor as the station's account"))
            return Secrets()
        }
        do {
            let vault = try configuration.openVault()
            let names = try vault.names()
            report.findings.append(
                .ok(
                    "vault", expected: "folder 0700, key 0600",
                    seen: "\(folder), \(names.count) secrets, key guarded by \"\(configuration.vault.key.rawValue)\""))
            return unseal(vault, names, seal, into: &report)
        } catch {
            report.findings.append(
                .problem("vault", expected: "folder 0700, key 0600", seen: error.description, next: "do as it says"))
            return Secrets()
        }
    }

    private func unseal(
        _ vault: Vault, _ names: [SecretName], _ seal: String, into report: inout DoctorReport
    ) -> Secrets {
        var secrets = Secrets()
        let accessKey = try? SecretName(.accessKey, configuration.cloud.accessKeyID)
        secrets.accessKey = open(accessKey, in: vault, next: seal, into: &report)
        if let id = configuration.cloud.workflowAccessKeyID {
            // Boards run without it; only resets, deletions and the like wait for it.
            _ = open(
                try? SecretName(.accessKey, id), in: vault, missing: .warning, next: sealing(id), into: &report)
        }
        let needed = Set(orders.map(\.productKey))
        // Before the first order the sealed products are all that is known of what will be made.
        let sealed = names.filter { $0.kind == .product }.map(\.identifier)
        for product in needed.union(sealed).sorted() {
            secrets.products[product] = open(
                try? SecretName(.product, product), in: vault,
                next: "station secret set product/\(product) --config \(file) < secret.txt", into: &report)
        }
        return secrets
    }

    /// The command that seals an AccessKey's secret.
    private func sealing(_ accessKeyID: String) -> String {
        "station secret set access-key/\(accessKeyID) --config \(file) < secret.txt"
    }

    private func open(
        _ name: SecretName?, in vault: Vault, missing: DoctorFinding.Verdict = .problem, next: String,
        into report: inout DoctorReport
    ) -> Secret? {
        guard let name else { return nil }
        do {
            guard let secret = try vault.secret(name) else {
                report.findings.append(
                    DoctorFinding(
                        verdict: missing, check: "secret \(name)", expected: "sealed in the vault", seen: "not there",
                        next: next))
                return nil
            }
            report.findings.append(.ok("secret \(name)", expected: "sealed in the vault", seen: "there, and it opens"))
            return secret
        } catch {
            report.findings.append(
                .problem("secret \(name)", expected: "a seal that opens", seen: error.description, next: next))
            return nil
        }
    }
}
