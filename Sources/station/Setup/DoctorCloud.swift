import AliyunIoT
import Execution
import Foundation
import Provisioning

/// The doctor's look at the cloud: reachable, AccessKey accepted, clock, each product, switch and ProductSecret.
struct DoctorCloud {
    let configuration: StationConfiguration
    let orders: [WorkOrder]
    let secrets: DoctorVault.Secrets

    /// A name that no product has, to ask with while none is known: the refusal proves the AccessKey all the same.
    private static let noProduct = "a1NoProduct"

    /// ProductKeys of orders and of sealed ProductSecrets.
    private var products: [String] { Set(orders.map(\.productKey)).union(secrets.products.keys).sorted() }

    func examine(into report: inout DoctorReport) async {
        await reach(into: &report)
        // What keeps it from being made is said by the look at the instance.
        guard let secret = secrets.accessKey, let cloud = try? StationComposition.cloud(configuration) else { return }
        let share = configuration.cloud.qpsShare
        let api = OpenAPIClient(
            cloud: cloud, accessKey: AccessKey(id: configuration.cloud.accessKeyID, secret: secret),
            limiter: RateLimiter(perSecond: Double(share), burst: share))
        await examine(api, cloud, into: &report)
        await api.shutdown()
    }

    private func examine(_ api: OpenAPIClient, _ cloud: Cloud, into report: inout DoctorReport) async {
        var isFirst = true
        for product in products.isEmpty ? [Self.noProduct] : products {
            let answer = await ask(api, product)
            if isFirst {
                report.findings.append(access(answer))
                report.findings.append(Self.clock(cloudDate: answer.date, here: answer.here))
                isFirst = false
            }
            guard answer.isAuthorised else { return }
            guard product != Self.noProduct else { continue }
            report.findings.append(Self.product(product, answer))
            guard case .success = answer.result, let secret = secrets.products[product] else { continue }
            let found = await CredentialProbe(cloud: cloud).check(
                productKey: product, probeName: CloudDesk.probeName, productSecret: secret)
            report.findings.append(Self.probe(product, found))
        }
        if products.isEmpty {
            report.findings.append(
                .warning(
                    "products", expected: "a product to ask for", seen: "no order and no sealed ProductSecret",
                    next: "station secret set product/PRODUCTKEY, then run the doctor again"))
        }
    }

    // MARK: - Reaching the MQTT port

    private func reach(into report: inout DoctorReport) async {
        let addresses = Self.mqttAddresses(configuration.cloud.instance, products: products)
        let next = "check [cloud] mqtt, instance_id and region, the network and its firewall; boards connect there"
        for (check, address) in addresses {
            report.findings.append(await DoctorSlots.reaches(address, check: check, next: next))
        }
        if addresses.isEmpty {
            report.findings.append(
                .warning(
                    "cloud MQTT", expected: "a host for each product, which accepts connections",
                    seen: "no product is known yet",
                    next: "station secret set product/PRODUCTKEY, then run the doctor again"))
        }
    }

    /// Where boards connect, each with its check's name: the instance's host, or one for each product.
    static func mqttAddresses(
        _ instance: InstanceProfile, products: [String]
    ) -> [(check: String, address: HostPort)] {
        guard let host = instance.wantedHost, let port = instance.wantedPort else { return [] }
        guard host.contains(Cloud.productKeyMark) else { return [("cloud MQTT", HostPort(host: host, port: port))] }
        return products.map { product in
            let own = host.replacing(Cloud.productKeyMark, with: product)
            return ("cloud MQTT \(product)", HostPort(host: own, port: port))
        }
    }

    // MARK: - Asking

    /// One signed call's answer, and this machine's clock when it came.
    private struct Answered {
        let result: Result<ProductDetail, CloudError>
        let here: Date

        var date: String? {
            switch result {
            case .success(let detail): detail.cloudDate
            case .failure(let error): error.cloudDate
            }
        }

        /// Whether the call got past the check of its signature.
        var isAuthorised: Bool {
            switch result {
            case .success: true
            case .failure(let error): [.notFound, .input].contains(error.code)
            }
        }
    }

    private func ask(_ api: OpenAPIClient, _ product: String) async -> Answered {
        do {
            let detail = try await api.queryProduct(productKey: product, within: .seconds(15))
            return Answered(result: .success(detail), here: Date())
        } catch {
            let known = error as? CloudError ?? CloudError(.unexpected, "\(error)")
            return Answered(result: .failure(known), here: Date())
        }
    }

    private func access(_ answer: Answered) -> DoctorFinding {
        let check = "cloud OpenAPI"
        let expected =
            "\(configuration.cloud.instance.wantedOpenAPI ?? "") takes AccessKey \(configuration.cloud.accessKeyID)"
        guard !answer.isAuthorised, case .failure(let error) = answer.result else {
            return .ok(check, expected: expected, seen: "reached, AccessKey accepted")
        }
        let next: String =
            switch error.code {
            case .credentials: "check access_key_id, and seal its secret again (station secret set access-key/...)"
            case .permission:
                "let the RAM user call QueryProduct, RegisterDevice, QueryDeviceDetail, BatchGetDeviceState and QueryDevice; "
                    + "docs/security.md lists what more an order's mode needs"
            case .clock: "set this machine's clock (see the check below)"
            case .tls: "check [cloud] ca_file, the address, and this machine's date"
            case .unreachable, .timeout: "check the network, its firewall and [cloud] region and openapi"
            case .throttled: "wait a minute; check qps_share against the account's other users"
            default: "wait and run the doctor again; then ask the cloud's support with the request id"
            }
        return error.code == .throttled
            ? .warning(check, expected: expected, seen: error.description, next: next)
            : .problem(check, expected: expected, seen: error.description, next: next)
    }

    // MARK: - Judging

    /// Compares this machine's clock with the cloud's `Date` header, which has whole seconds.
    static func clock(cloudDate: String?, here: Date) -> DoctorFinding {
        let expected = "within 60 s of the cloud's clock"
        guard let cloudDate, let there = HTTPDate.read(cloudDate) else {
            return .warning(
                "clock", expected: expected, seen: "the cloud gave no date",
                next: "compare this machine's clock by hand; run the doctor again when the cloud can be reached")
        }
        let ahead = Int(here.timeIntervalSince(there).rounded(.towardZero))
        let seen = "\(abs(ahead)) s \(ahead < 0 ? "behind" : "ahead of") the cloud"
        let next = "turn on time synchronisation: timedatectl set-ntp true"
        switch abs(ahead) {
        case ...60: return .ok("clock", expected: expected, seen: seen)
        case ...900: return .warning("clock", expected: expected, seen: seen, next: next)
        default:
            return .problem(
                "clock", expected: expected, seen: seen + "; from 15 minutes on the cloud refuses every call",
                next: next)
        }
    }

    private static func product(_ product: String, _ answer: Answered) -> DoctorFinding {
        let check = "product \(product)"
        let expected = "a product of this account whose devices sign with a secret"
        switch answer.result {
        case .success(let detail):
            let seen =
                "\(detail.productName ?? "without a name"), \(detail.productStatus ?? "status unknown"), "
                + "\(detail.deviceCount.map(String.init) ?? "?") devices"
            guard let kind = detail.authType, kind != "secret" else {
                return .ok(check, expected: expected, seen: seen)
            }
            return .problem(
                check, expected: expected, seen: "authentication by \(kind)",
                next: "make the boards for a product with authentication by device secret")
        case .failure(let error):
            return .problem(
                check, expected: expected, seen: error.description, next: "check the ProductKey, region and instance_id"
            )
        }
    }

    /// Judges what the probe answered.
    static func probe(_ product: String, _ answer: CredentialProbe.Answer) -> DoctorFinding {
        let check = "probe \(product)"
        let expected = "dynamic registration on, ProductSecret right"
        func problem(_ seen: String, _ next: String) -> DoctorFinding {
            .problem(check, expected: expected, seen: seen, next: next)
        }
        switch answer {
        case .ready: return .ok(check, expected: expected, seen: "both are")
        case .switchOff:
            return problem(
                "the switch is off (6288)", "turn on dynamic registration in the platform's console: product, details")
        case .wrongSecret:
            return problem(
                "the ProductSecret is wrong (6600)", "seal the right one: station secret set product/\(product)")
        case .alreadyActive:
            return problem(
                "somebody has connected as \(CloudDesk.probeName)",
                "find out who holds the ProductSecret; then delete that device in the console")
        case .noProbe:
            return .warning(
                check, expected: expected, seen: "cannot be told before the first order is opened",
                next:
                    "open the order while the daemon runs: it makes the probe name \(CloudDesk.probeName) and tries both"
            )
        case .noProduct: return problem("registration does not know the product", "check the ProductKey and instance")
        case .cannotTell(let reason):
            return .warning(
                check, expected: expected, seen: reason, next: "name [cloud] registration where the instance offers it")
        case .cloudTrouble(let error):
            return problem("\(error)", "wait and run the doctor again; check [cloud] registration")
        case .failed(let error): return problem("\(error)", "check [cloud] registration and ca_file")
        }
    }
}
