import Testing

/// One fault of `station demo --faults` and what must come of it.
struct FaultCase: Sendable, CustomTestStringConvertible {
    /// How the runs that met the fault may end.
    enum Ending: Sendable {
        case pass
        /// `fail` with one of these codes.
        case fail([String])
        case held(String)
        /// One of the pair passes, the other is held.
        case onePasses(otherHeld: String)
        /// Passes, or fails with a code of one of these families.
        case passOrFail([String])
    }

    let fault: String
    let ending: Ending
    var boards = 2
    /// Boards whose flash may hold something afterwards; nil where the fault does not decide it.
    var written: Int?
    var testDescription: String { fault }

    /// Whether the fault troubles the cloud, and so every board.
    var hitsAll: Bool { fault.hasPrefix("cloud-down") || fault.hasPrefix("switch-off") }

    /// Every fault there is.
    static let all = [
        FaultCase(fault: "duplicate-mac", ending: .onePasses(otherHeld: "CL-101"), boards: 3, written: 2),
        FaultCase(fault: "bad-mac", ending: .fail(["ID-104"]), written: 1),
        FaultCase(fault: "flash-bit-flip", ending: .fail(["FL-102", "VF-101"])),
        FaultCase(fault: "wrong-product-secret", ending: .fail(["AC-102"])),
        FaultCase(fault: "no-boot", ending: .fail(["BT-101"])),
        FaultCase(fault: "garbage-on-serial", ending: .passOrFail(["ID-", "FL-", "VF-", "BT-101"])),
        FaultCase(fault: "wrong-board-after-identify", ending: .held("ID-106"), written: 1),
        FaultCase(fault: "unplug-at=identify", ending: .fail(["ID-110"]), written: 1),
        FaultCase(fault: "unplug-at=claim", ending: .fail(["FL-110"]), written: 1),
        FaultCase(fault: "unplug-at=register", ending: .fail(["FL-110"])),
        FaultCase(fault: "unplug-at=flash", ending: .fail(["FL-110"]), written: 1),
        FaultCase(fault: "unplug-at=verify", ending: .fail(["VF-110"])),
        FaultCase(fault: "unplug-at=boot", ending: .fail(["BT-110"])),
        FaultCase(fault: "unplug-at=activate", ending: .fail(["AC-110"])),
        FaultCase(fault: "unplug-at=conclude", ending: .pass, written: 2),
        FaultCase(fault: "cloud-down=4", ending: .pass, boards: 4, written: 4),
        FaultCase(fault: "switch-off", ending: .held("RG-202"), written: 0),
        FaultCase(fault: "switch-off=3", ending: .pass, written: 2),
    ]
}
