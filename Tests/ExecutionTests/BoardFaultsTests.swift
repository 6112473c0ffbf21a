import Bench
import Provisioning
import Testing

@testable import Execution

@Suite("What a board's line reports becomes the failure code of its step")
struct BoardFaultsTests {
    @Test(
        "by kind and step",
        arguments: [
            (LoaderError.Kind.portLost, Step.identify, FailureCode.removedAtIdentify),
            (.portLost, .flash, .removedAtFlash), (.portLost, .boot, .removedAtBoot),
            (.portLost, .activate, .removedAtActivate), (.noResponse, .identify, .noResponse),
            (.noResponse, .flash, .loaderLost), (.noResponse, .boot, .notReady),
            (.credentialRefused, .flash, .credentialRefused), (.verifyMismatch, .flash, .digestMismatch),
            (.tool, .flash, .flasherFailed), (.wrongChip, .identify, .wrongChip),
            (.otherBoard, .boot, .identityChanged), (.portChanged, .flash, .portRenamed),
        ])
    func code(_ kind: LoaderError.Kind, _ step: Step, _ expected: FailureCode) {
        #expect(BoardFaults.failure(LoaderError(kind, "what happened"), in: step).code == expected)
    }

    @Test("after the writes a lost board was lost at verify")
    func verifying() {
        let lost = LoaderError(.portLost, "gone")
        #expect(BoardFaults.failure(lost, in: .flash, isVerifying: true).code == .removedAtVerify)
    }
}
