extension FailureCode {
    /// The board did not answer in its download loader.
    public static let noResponse = FailureCode("ID-101")
    /// Only noise came over the serial line.
    public static let noise = FailureCode("ID-102")
    /// The chip is not the one the board profile names.
    public static let wrongChip = FailureCode("ID-103")
    /// The board's identity failed its checks.
    public static let badIdentity = FailureCode("ID-104")
    /// The board carries no identity of the required kind.
    public static let noIdentity = FailureCode("ID-105")
    /// Another board answered than the one identified; nothing more was written.
    public static let identityChanged = FailureCode("ID-106")
    /// The chip is locked (secure download mode).
    public static let locked = FailureCode("ID-107")
    /// The running firmware names another identity than was read before the power cycle.
    public static let identityAfterBoot = FailureCode("ID-108")
    /// The label that was scanned is not this board's.
    public static let labelMismatch = FailureCode("ID-109")
    /// The board's label was not scanned in time.
    public static let labelMissing = FailureCode("ID-111")
    /// The board went away while it was identified.
    public static let removedAtIdentify = FailureCode("ID-110")
    /// This identity already belongs to another board.
    public static let duplicateIdentity = FailureCode("CL-101")
    /// This chip is already claimed under another identity.
    public static let duplicateUID = FailureCode("CL-102")
    /// The board's MAC block overlaps another board's.
    public static let overlappingMAC = FailureCode("CL-103")
    /// This board has already passed.
    public static let alreadyPassed = FailureCode("CL-104")
    /// This board was scrapped.
    public static let scrapped = FailureCode("CL-105")
    /// This board was replaced by another.
    public static let replaced = FailureCode("CL-106")
    /// This board is on hold.
    public static let unitHeld = FailureCode("CL-107")
    /// This board belongs to another work order.
    public static let otherOrder = FailureCode("CL-108")
    /// This board has reached its run limit.
    public static let runLimit = FailureCode("CL-109")
    /// This identity is running on another slot at this moment.
    public static let runningElsewhere = FailureCode("CL-110")
    /// Nothing on this board proves that it is the unit that re-flash or reset was ordered for.
    public static let notProvenSame = FailureCode("CL-111")
    /// A sampled board failed: the units made since the last good sample are on hold.
    public static let sampleFailed = FailureCode("CL-112")
    /// The SIM card is another than the one this unit was claimed with.
    public static let simChanged = FailureCode("CL-113")
    /// The order's quota is reached.
    public static let quotaReached = FailureCode("CL-201")
    /// The work order is on hold.
    public static let orderHeld = FailureCode("CL-202")
    /// Failures of the order's boards repeat: a person names the cause first.
    public static let repetition = FailureCode("CL-204")
    /// The order takes other identities: a list, a range, blocks or a pattern.
    public static let identityOutside = FailureCode("CL-205")
    /// More units of the order wait for their activation, or longer, than it bears.
    public static let offlineLimit = FailureCode("CL-206")
    /// The MES refused the board.
    public static let mesRefused = FailureCode("CL-301")
    /// The MES holds the board.
    public static let mesHeld = FailureCode("CL-302")
    /// The MES did not say whether the board may run.
    public static let mesSilent = FailureCode("CL-303")
    /// No legal DeviceName can be made from this identity.
    public static let badName = FailureCode("CL-203")
    /// The cloud already has this DeviceName and this station did not create it.
    public static let nameExists = FailureCode("RG-101")
    /// The cloud does not know this product.
    public static let productUnknown = FailureCode("RG-102")
    /// The cloud refused the station's AccessKey or its permission.
    public static let accessRefused = FailureCode("RG-103")
    /// The cloud's device quota is used up.
    public static let cloudQuota = FailureCode("RG-104")
    /// The device was deleted or made again in the cloud behind the station.
    public static let deletedInCloud = FailureCode("RG-105")
    /// The name has ClientIDs that no run of this unit explains.
    public static let duplicateClientIDs = FailureCode("RG-106")
    /// The product is not one whose devices register with its ProductSecret.
    public static let productUnfit = FailureCode("RG-107")
    /// The name has all the ClientIDs the platform allows.
    public static let tooManyClientIDs = FailureCode("RG-108")
    /// The device cannot be reset: no second AccessKey, or it was refused.
    public static let resetRefused = FailureCode("RG-109")
    /// The cloud cannot be reached or is busy.
    public static let registerCloud = FailureCode("RG-201")
    /// The product's dynamic-registration switch is off.
    public static let switchOff = FailureCode("RG-202")
    /// The ProductSecret does not match the cloud's.
    public static let productSecretWrong = FailureCode("RG-203")
    /// The cloud refuses registrations: the switch is off or the ProductSecret is wrong, it cannot be told which.
    public static let cannotTell = FailureCode("RG-204")
    /// The cloud refused to register the DeviceName.
    public static let registerRefused = FailureCode("RG-301")
    /// The loader stopped answering before or during the write.
    public static let loaderLost = FailureCode("FL-101")
    /// A flash block could not be written.
    public static let blockWrite = FailureCode("FL-102")
    /// Erasing took longer than the flash chip may need.
    public static let eraseTimeout = FailureCode("FL-103")
    /// Too much noise on the line while writing.
    public static let flashNoise = FailureCode("FL-104")
    /// The release on disk is not what was released; nothing was written.
    public static let releaseChanged = FailureCode("FL-105")
    /// The station holds no credential for this product.
    public static let credentialMissing = FailureCode("FL-106")
    /// The release does not fit the board profile's memory map; nothing was written.
    public static let planRefused = FailureCode("FL-107")
    /// The external flasher failed, or is not the one the profile names.
    public static let flasherFailed = FailureCode("FL-108")
    /// The running firmware did not take the product credential.
    public static let credentialRefused = FailureCode("FL-109")
    /// The board went away while it was flashed.
    public static let removedAtFlash = FailureCode("FL-110")
    /// The flash does not hold what was written.
    public static let digestMismatch = FailureCode("VF-101")
    /// The loader stopped answering during verify.
    public static let verifyLost = FailureCode("VF-102")
    /// The board went away while it was verified.
    public static let removedAtVerify = FailureCode("VF-110")
    /// The firmware did not report ready in time.
    public static let notReady = FailureCode("BT-101")
    /// The board refuses its image or boots in a loop.
    public static let invalidImage = FailureCode("BT-102")
    /// The firmware crashed.
    public static let panic = FailureCode("BT-103")
    /// The firmware reports another version than the order's release.
    public static let wrongVersion = FailureCode("BT-104")
    /// The board could not join the line's network.
    public static let joinRefused = FailureCode("BT-105")
    /// The board went away while it booted.
    public static let removedAtBoot = FailureCode("BT-110")
    /// The line's access point does not answer, or several boards cannot join it.
    public static let accessPoint = FailureCode("BT-201")
    /// The cloud did not see the device activate in time.
    public static let notActivated = FailureCode("AC-101")
    /// The cloud refused this board's registration.
    public static let boardRefused = FailureCode("AC-102")
    /// The device is disabled in the cloud.
    public static let deviceDisabled = FailureCode("AC-103")
    /// The device was activated before: it registers again only after a reset.
    public static let alreadyActive = FailureCode("AC-104")
    /// The board did not prove that it stored the credential it was handed.
    public static let credentialNotStored = FailureCode("AC-105")
    /// The firmware's registration is malformed or not over TLS.
    public static let malformedRegistration = FailureCode("AC-106")
    /// The board did not take the credential it was handed.
    public static let handOverRefused = FailureCode("AC-107")
    /// The cloud refused the credential that it had just issued for the board.
    public static let connectionRefused = FailureCode("AC-108")
    /// The line's network could not be proved wiped from the board.
    public static let networkNotWiped = FailureCode("AC-109")
    /// The board went away before the cloud proved its activation.
    public static let removedAtActivate = FailureCode("AC-110")
    /// The board is not in the state in which its release must ship.
    public static let notReadyToShip = FailureCode("AC-111")
    /// The cloud could not be asked for the activation.
    public static let activateCloud = FailureCode("AC-201")
    /// The journal cannot be written; the station stops.
    public static let journalFault = FailureCode("ST-101")
    /// The slot's power or reset control failed.
    public static let powerControl = FailureCode("ST-102")
    /// The slot's port cannot be opened.
    public static let portRefused = FailureCode("ST-103")
    /// The station is stopping; the run was aborted.
    public static let slotStopping = FailureCode("ST-104")
    /// The run was cut off by a crash or power loss.
    public static let interrupted = FailureCode("ST-105")
    /// The station met an error it does not know.
    public static let internalError = FailureCode("ST-106")
    /// Two boards are on one slot.
    public static let twoBoards = FailureCode("ST-107")
    /// A board is on a port that belongs to no slot.
    public static let unmappedPort = FailureCode("ST-108")
    /// The board moved to another slot while it ran.
    public static let boardMoved = FailureCode("ST-109")
    /// The slot's port came back as another device than the one that left.
    public static let portRenamed = FailureCode("ST-111")
    /// The disk has too little space left for a board's records.
    public static let diskFull = FailureCode("ST-112")
    /// The label printer does not print.
    public static let labelPrinter = FailureCode("ST-301")
    /// The printed label was not scanned at its slot in time.
    public static let labelNotScanned = FailureCode("ST-302")
    /// The label that was scanned is not the one printed for the slot's board.
    public static let labelOther = FailureCode("ST-303")
    /// The label's text already belongs to another unit.
    public static let labelTaken = FailureCode("ST-304")
    /// A device is active, or exists, that no record of this station explains.
    public static let leak = FailureCode("ST-201")
    /// The journal is older than what was last seen, or was restored from a backup.
    public static let journalBehind = FailureCode("ST-202")
    /// The data folder is not where it was, or a copy of this station is at work elsewhere.
    public static let stationCopied = FailureCode("ST-203")
}
