/// The life of one run as a state machine: events in, actions out, no effects of its own.
///
/// ```
/// place ─► identify ─► claim ─[reset]─┬─► register ───┬─► look ─► boot ─[relay]─► activate ─► conclude
///                                     └─► flash+verify┘
/// ```
/// What is in brackets belongs to some runs only; a run that is not activated by plan ends after the join, as *done*.
///
/// Register and flash+verify are asked for together and joined: an effect that was begun is always waited for, so that
/// no intent is left open by the failure of its neighbour. The first failure decides the conclusion.
public struct RunMachine: Sendable {
    /// What the machine asks for.
    public enum Action: Hashable, Sendable {
        /// Read UID and identity from the board.
        case identify
        /// Decide and bind in the journal.
        case claim
        /// Open the device for registration again in the cloud.
        case reset
        /// Make the DeviceName exist in the cloud, or prove that it is this journal's own.
        case register
        /// Write and verify the release and the credential; the mode says what may be skipped. Only a reset also erases
        /// the regions in which the firmware keeps its device credential.
        case flash(FlashMode, erasesDeviceCredential: Bool)
        /// The cloud's reading while the board cannot connect: the first half of the evidence.
        case look
        /// Power the board on and wait for its ready line.
        case boot
        /// Register for the board, hand it the credential, have it prove that it kept it, and connect for it.
        case relay
        /// Wait for the cloud's proof.
        case activate
        /// Write the outcome, set the light, wait for removal.
        case conclude(Conclusion)
    }

    /// What happened.
    public enum Event: Hashable, Sendable {
        case placed
        case identified
        case admitted(Admission)
        case resetDone
        case registered
        case flashed
        case looked
        case booted
        case relayed
        case activated
        case failed(Failure, during: Step)
    }

    /// How much of the flash may be left as it is.
    public enum FlashMode: String, Hashable, Sendable {
        /// Regions whose digest already matches are left alone.
        case skipMatching
        /// The content is unknown (an earlier write never finished): everything is written.
        case writeAll
    }

    /// How the board of a run is activated.
    public enum Activation: String, Hashable, Sendable {
        /// By its own firmware.
        case board
        /// By the station, for a board without a network.
        case relay
        /// Not at all, by plan.
        case none
    }

    /// What the claim allowed.
    public struct Admission: Hashable, Sendable {
        /// nil = no flash: the unit waits only for its activation.
        public let flash: FlashMode?
        public let activation: Activation
        /// Whether the device is reset: in the cloud first, then on the board.
        public let resets: Bool

        public init(flash: FlashMode?, activation: Activation, resets: Bool = false) {
            (self.flash, self.activation, self.resets) = (flash, activation, resets)
        }

        /// First run or retest: the whole way.
        public static func full(_ mode: FlashMode, _ activation: Activation = .board) -> Admission {
            Admission(flash: mode, activation: activation)
        }

        /// The unit waits only for its activation.
        public static func finish(_ activation: Activation = .board) -> Admission {
            Admission(flash: nil, activation: activation)
        }
    }

    /// How the run ended.
    public struct Conclusion: Hashable, Sendable {
        public let outcome: Outcome
        /// Null only for pass and done.
        public let failure: Failure?

        public init(outcome: Outcome, failure: Failure?) {
            (self.outcome, self.failure) = (outcome, failure)
        }
    }

    private enum Phase: Hashable, Sendable {
        case waiting, identifying, claiming, resetting
        case preparing(registering: Bool, flashing: Bool)
        case looking, booting, relaying, activating, concluded
    }

    private var phase: Phase = .waiting
    private var admission = Admission.full(.skipMatching)
    private var failure: Failure?

    public init() {}

    /// Whether the outcome has been decided.
    public var isConcluded: Bool { phase == .concluded }

    /// Takes one event and returns what to do next; an event that does not belong to the phase changes nothing.
    public mutating func handle(_ event: Event) -> [Action] {
        switch (phase, event) {
        case (.concluded, _): return []
        case (.waiting, .placed):
            phase = .identifying
            return [.identify]
        case (.identifying, .identified):
            phase = .claiming
            return [.claim]
        case (.claiming, .admitted(let admission)):
            self.admission = admission
            guard admission.resets else { return begin() }
            phase = .resetting
            return [.reset]
        case (.resetting, .resetDone): return begin()
        case (.preparing(let registering, let flashing), _): return prepare(registering, flashing, event)
        case (.looking, .looked):
            phase = .booting
            return [.boot]
        case (.booting, .booted) where admission.activation == .relay:
            phase = .relaying
            return [.relay]
        case (.booting, .booted), (.relaying, .relayed):
            phase = .activating
            return [.activate]
        case (.activating, .activated): return conclude(Conclusion(outcome: .pass, failure: nil))
        case (_, .failed(let failure, _)): return conclude(Conclusion(outcome: failure.outcome, failure: failure))
        default: return []
        }
    }

    /// Asks for register and flash together.
    private mutating func begin() -> [Action] {
        guard let mode = admission.flash else {
            phase = .preparing(registering: true, flashing: false)
            return [.register]
        }
        phase = .preparing(registering: true, flashing: true)
        return [.register, .flash(mode, erasesDeviceCredential: admission.resets)]
    }

    /// Joins register and flash: whichever fails first decides, but both are waited for.
    private mutating func prepare(_ registering: Bool, _ flashing: Bool, _ event: Event) -> [Action] {
        var (registering, flashing) = (registering, flashing)
        switch event {
        case .registered: registering = false
        case .flashed: flashing = false
        case .failed(let failed, let step):
            if self.failure == nil { self.failure = failed }
            if step == .register { registering = false } else { flashing = false }
        default: return []
        }
        phase = .preparing(registering: registering, flashing: flashing)
        guard !registering, !flashing else { return [] }
        if let failure { return conclude(Conclusion(outcome: failure.outcome, failure: failure)) }
        guard admission.activation != .none else { return conclude(Conclusion(outcome: .done, failure: nil)) }
        phase = .looking
        return [.look]
    }

    private mutating func conclude(_ conclusion: Conclusion) -> [Action] {
        phase = .concluded
        return [.conclude(conclusion)]
    }
}
