extension WorkOrder {
    /// How far an order is.
    ///
    /// ```
    ///   draft ──► open ◄──► held ──► closing ──► closed
    ///     └────────┴──────────┴─────────┴──────► terminated
    /// ```
    /// A draft may be closed without ever having been open; a closing that comes to nothing is held again. Only an open
    /// order takes boards.
    public enum State: String, Sendable, CaseIterable {
        /// It was made and takes no boards yet.
        case draft
        case open
        /// It takes no boards until its cause is gone or a person decides.
        case held
        /// A leader has asked for its end: no board any more, and its archive is not written yet.
        case closing
        /// Every unit is accounted for; for good.
        case closed
        /// Ended with exceptions that two people signed; for good.
        case terminated

        /// Whether nothing comes after it.
        public var isOver: Bool { self == .closed || self == .terminated }

        /// Whether an order may go from this state to another one.
        public func mayBecome(_ next: State) -> Bool {
            switch (self, next) {
            case (.draft, .open), (.draft, .closing), (.open, .held), (.held, .open), (.open, .closing),
                (.held, .closing),
                (.closing, .held), (.closing, .closed):
                true
            case (.draft, .terminated), (.open, .terminated), (.held, .terminated), (.closing, .terminated): true
            default: false
            }
        }

        /// The states that may follow.
        public var next: [State] { Self.allCases.filter(mayBecome) }
    }
}
