import Provisioning

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
        private enum Next {
            case page(Int)
            case token(String)
            case end
        }

        /// Past this many devices the cloud demands a token.
        private static let numberedDevices = 10_000

        private let source: DeviceSequence
        private var next = Next.page(1)
        private var usedTokens: Set<String> = []
        private var held: ArraySlice<ListedDevice> = []

        init(source: DeviceSequence) { self.source = source }

        /// - Throws: ``CloudError``; `.unexpected` for a listing without an end. `CancellationError`.
        public mutating func next() async throws -> ListedDevice? {
            while held.isEmpty {
                let place: (String, String)
                switch next {
                case .end: return nil
                case .page(let number): place = ("CurrentPage", "\(number)")
                case .token(let token): place = ("NextToken", token)
                }
                let answer: Answer<DevicePage> = try await source.client.call(
                    OpenAPICall(
                        "QueryDevice",
                        [("ProductKey", source.productKey), ("PageSize", "\(OpenAPIClient.devicesPerPage)"), place],
                        isRepeatable: true, place: .top),
                    priority: source.priority, within: source.perPage)
                held = answer.content.devices[...]
                try advance(answer.content)
            }
            return held.popFirst()
        }

        private mutating func advance(_ page: DevicePage) throws {
            if page.devices.isEmpty {
                next = .end
            } else if let token = page.nextToken {
                guard usedTokens.insert(token).inserted else {
                    throw CloudError(.unexpected, "QueryDevice gave the same NextToken twice: the listing has no end.")
                }
                next = .token(token)
            } else if case .page(let number) = next, number < page.pageCount ?? 1 {
                guard (number + 1) * OpenAPIClient.devicesPerPage <= Self.numberedDevices else {
                    throw CloudError(
                        .unexpected, "QueryDevice gave no NextToken for the devices beyond \(Self.numberedDevices).")
                }
                next = .page(number + 1)
            } else {
                next = .end
            }
        }
    }
}
