/// A work order: product, quota, firmware release and board profile, and what the journal says of it now.
public struct WorkOrder: Hashable, Sendable {
    /// What an order is made of. Quota, window and limits may be amended later, each time with a record.
    public struct Terms: Hashable, Sendable {
        public let productKey: String
        /// Version of the release it is bound to.
        public let release: String
        /// Name of the board profile.
        public let profile: String
        /// Units that may be claimed, at least 1.
        public var quota: Int
        public let registration: RegistrationMode
        public let activation: ActivationMode
        /// When it takes boards, and when its devices may become active; nil = whenever it works.
        public var window: ProductionWindow?
        public let rules: OrderRules
        /// Which boards it takes.
        public var identities: IdentityRule
        public var limits: OrderLimits

        public init(
            productKey: String, release: String, profile: String, quota: Int,
            registration: RegistrationMode = .preRegistered, activation: ActivationMode = .board,
            window: ProductionWindow? = nil, rules: OrderRules = OrderRules(), identities: IdentityRule = .any,
            limits: OrderLimits = OrderLimits()
        ) {
            (self.productKey, self.release, self.profile, self.quota) = (productKey, release, profile, quota)
            (self.registration, self.activation, self.window, self.rules) = (registration, activation, window, rules)
            (self.identities, self.limits) = (identities, limits)
        }
    }

    /// `WO-0001`, given by the station.
    public let id: String
    public var terms: Terms
    public var state: State
    /// Why the order is held: a failure code, or nil.
    public var holdCode: String?
    /// Units claimed so far, less those whose place was given back.
    public var claimed: Int
    /// Whether a failed sample has set the order to 100 %: every board is activated from then on.
    public var activatesAll: Bool
    public var firstArticle: FirstArticle
    /// Whether a person has opened it although more units wait for their activation than its limits bear; over when none
    /// waits any more.
    public var debtWaived: Bool

    public init(
        id: String, terms: Terms, state: State, holdCode: String? = nil, claimed: Int = 0, activatesAll: Bool = false,
        firstArticle: FirstArticle = .off, debtWaived: Bool = false
    ) {
        (self.id, self.terms, self.state, self.holdCode) = (id, terms, state, holdCode)
        (self.claimed, self.activatesAll, self.firstArticle) = (claimed, activatesAll, firstArticle)
        self.debtWaived = debtWaived
    }

    public var productKey: String { terms.productKey }
    public var release: String { terms.release }
    public var profile: String { terms.profile }
    public var quota: Int { terms.quota }
    public var registration: RegistrationMode { terms.registration }
    public var activation: ActivationMode { terms.activation }

    public var rules: OrderRules { terms.rules }

    /// Whether slots work for it: open, or held for a cause that may pass by itself.
    public var isWorking: Bool { state == .open || (state == .held && holdCode != nil && !needsCause) }
    /// Whether it is held until a person names the cause of failures that repeat.
    public var needsCause: Bool { state == .held && holdCode == FailureCode.repetition.text }
    /// Whether it is held until fewer units wait for their activation; those are worked off meanwhile.
    public var waitsForDebt: Bool { state == .held && holdCode == FailureCode.offlineLimit.text }
    /// Units the quota still allows.
    public var left: Int { max(0, quota - claimed) }

    /// How the board with this place in the order is activated.
    public func activation(ofBoard ordinal: Int) -> RunMachine.Activation {
        if activation == .relay { return .relay }
        return activatesAll || activation.activates(ordinal) ? .board : .none
    }
}
