import Provisioning

/// Where a page of a product's devices begins.
public enum DevicePlace: Sendable, Hashable, CustomStringConvertible {
    /// From 1.
    case page(Int)
    /// What the cloud gave with the page before.
    case token(String)

    /// Reads what ``description`` wrote; nil for anything else.
    public init?(_ text: String) {
        if text.hasPrefix("page:"), let number = Int(text.dropFirst(5)), number >= 1 {
            self = .page(number)
        } else if text.hasPrefix("token:") {
            self = .token(String(text.dropFirst(6)))
        } else {
            return nil
        }
    }

    public var description: String {
        switch self {
        case .page(let number): "page:\(number)"
        case .token(let token): "token:" + token
        }
    }
}

/// One page of a product's devices (QueryDevice), and where the next one begins.
public struct DeviceListing: Sendable, Equatable {
    public let devices: [ListedDevice]
    /// nil = this was the last page.
    public let next: DevicePlace?
}

extension OpenAPIClient {
    /// Past this many devices the cloud demands a token.
    private static let numberedDevices = 10_000

    /// One page of a product's devices, newest first, at most ``devicesPerPage``.
    ///
    /// - Parameter withDigests: takes the keyed digest of each DeviceSecret shown.
    /// - Throws: ``CloudError``; `.unexpected` for a listing that cannot go on. `CancellationError`.
    public func listDevices(
        productKey: String, from place: DevicePlace = .page(1), withDigests: Bool = false,
        priority: RateLimiter.Priority = .reconcile, within: Duration = .seconds(30)
    ) async throws -> DeviceListing {
        let parameter: (String, String) =
            switch place {
            case .page(let number): ("CurrentPage", "\(number)")
            case .token(let token): ("NextToken", token)
            }
        let answer: Answer<DevicePage> = try await call(
            OpenAPICall(
                "QueryDevice", [("ProductKey", productKey), ("PageSize", "\(Self.devicesPerPage)"), parameter],
                isRepeatable: true, place: .top),
            priority: priority, within: within)
        let page = answer.content
        let devices = page.rows.map { row in
            var device = row.device
            if withDigests { device.secretDigest = row.secret.flatMap { secretDigest($0) } }
            return device
        }
        return DeviceListing(devices: devices, next: try Self.place(after: place, page))
    }

    private static func place(after place: DevicePlace, _ page: DevicePage) throws(CloudError) -> DevicePlace? {
        if page.rows.isEmpty { return nil }
        if let token = page.nextToken { return .token(token) }
        guard case .page(let number) = place, number < page.pageCount ?? 1 else { return nil }
        guard (number + 1) * devicesPerPage <= numberedDevices else {
            throw CloudError(
                .unexpected, "QueryDevice gave no NextToken for the devices beyond \(numberedDevices).")
        }
        return .page(number + 1)
    }
}

/// All devices of a product, page by page (QueryDevice). Each iteration asks anew.
///
/// By `NextToken` where the cloud gives one, which it must beyond 10,000 devices; by page numbers where it does not. A
/// listing that goes in circles is an error, never a loop.
public struct DeviceSequence: AsyncSequence, Sendable {
    public typealias Element = ListedDevice
    public typealias Failure = any Error

    let client: OpenAPIClient
    let productKey: String
    let priority: RateLimiter.Priority
    let perPage: Duration

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(source: self) }

    public struct AsyncIterator: AsyncIteratorProtocol {
        private let source: DeviceSequence
        private var next: DevicePlace? = .page(1)
        private var used: Set<DevicePlace> = []
        private var held: ArraySlice<ListedDevice> = []

        init(source: DeviceSequence) { self.source = source }

        /// - Throws: ``CloudError``; `.unexpected` for a listing without an end. `CancellationError`.
        public mutating func next() async throws -> ListedDevice? {
            while held.isEmpty {
                guard let place = next else { return nil }
                guard used.insert(place).inserted else {
                    throw CloudError(.unexpected, "QueryDevice gave the same NextToken twice: the listing has no end.")
                }
                let page = try await source.client.listDevices(
                    productKey: source.productKey, from: place, priority: source.priority, within: source.perPage)
                (held, next) = (page.devices[...], page.next)
            }
            return held.popFirst()
        }
    }
}
