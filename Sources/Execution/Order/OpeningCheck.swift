import AliyunIoT
import Journal
import Provisioning

/// What is looked at once when an order begins to work: whether the product is of the right kind, and whether the
/// instance has room for the order.
struct OpeningCheck {
    let settings: LineSettings
    let journal: Journal
    let desk: CloudDesk

    /// - Parameter notice: told what a person should know and nothing is held for.
    /// - Returns: why the order must be held; nil where nothing is wrong.
    /// - Throws: ``CloudError``, what the journal throws.
    func examine(
        _ order: WorkOrder, product: ProductDetail, notice: @Sendable (String) -> Void
    ) async throws -> Failure? {
        if let authType = product.authType, authType != "secret" {
            return Failure(
                .productUnfit, "product \(order.productKey) authenticates by \(authType), expected secret")
        }
        if product.productStatus == "DEVELOPMENT_STATUS" {
            notice("product \(order.productKey) is in development: release it in the console before mass production")
        }
        // A product without any device has nothing that the leak watch would have to be told of.
        let isNew = try await journal.baselineCount(productKey: order.productKey) == nil
        if isNew, product.deviceCount == 0 {
            try await journal.importBaseline(
                productKey: order.productKey, names: [], reason: "the product had no devices at the first opening",
                actor: settings.actor)
        } else if isNew {
            notice(
                "product \(order.productKey) has \(product.deviceCount.map(String.init) ?? "unknown") devices and no baseline: "
                    + "`station watch baseline` tells the leak watch which of them are known")
        }
        return try await room(for: order, product)
    }

    private func room(for order: WorkOrder, _ product: ProductDetail) async throws -> Failure? {
        if let online = settings.limits.online, settings.slots.count > online {
            return Failure(
                .cloudQuota,
                "\(settings.slots.count) slots, the instance allows \(online) devices online at once")
        }
        guard let limit = settings.limits.devices else { return nil }
        let there = try await desk.api.products().reduce(0) { $0 + $1.deviceCount }
        let made = try await journal.batchProgress(order: order.id)?.created ?? 0
        let needed = max(0, order.left - made)
        guard there + needed <= limit else {
            return Failure(
                .cloudQuota,
                "order \(order.id) still needs \(needed) devices, the instance has \(there) and allows \(limit)")
        }
        return nil
    }
}
