import Bench
import Provisioning

/// Turns what a board's line reports into failure codes, by the step it happened in.
enum BoardFaults {
    /// - Parameter isVerifying: whether the writes were over.
    static func failure(_ error: any Error, in step: Step, isVerifying: Bool = false) -> Failure {
        if let failure = error as? Failure { return failure }
        if error is CancellationError || Task.isCancelled { return Failure(.slotStopping, "the station is stopping") }
        if let error = error as? PowerError { return Failure(.powerControl, error.description) }
        if let error = error as? LinkError {
            return failure(LoaderError.Kind(error.code), error.description, step, isVerifying)
        }
        guard let error = error as? LoaderError else { return Failure(.internalError, "\(error)") }
        return failure(error.kind, error.description, step, isVerifying)
    }

    private static func failure(
        _ kind: LoaderError.Kind, _ text: String, _ step: Step, _ isVerifying: Bool
    ) -> Failure {
        let code: FailureCode =
            switch (step, kind) {
            case (_, .cancelled): .slotStopping
            case (_, .wrongChip): .wrongChip
            case (_, .securityLocked): .locked
            case (_, .otherBoard): .identityChanged
            case (_, .portChanged): .portRenamed
            case (.identify, .portLost): .removedAtIdentify
            case (_, .tool): .flasherFailed
            case (_, .portUnavailable): .portRefused
            case (.identify, .noResponse): .noResponse
            case (.identify, _): .noise
            case (.boot, .portLost): .removedAtBoot
            case (.boot, _): .notReady
            case (.activate, _): .removedAtActivate
            case (_, .credentialRefused): .credentialRefused
            case (_, .verifyMismatch): .digestMismatch
            case (_, .portLost): isVerifying ? .removedAtVerify : .removedAtFlash
            case (_, .noResponse) where isVerifying: .verifyLost
            case (_, .noResponse), (_, .stub): .loaderLost
            case (_, .flashChip), (_, .blockWrite): .blockWrite
            case (_, .eraseTimeout): .eraseTimeout
            case (_, .noise), (_, .baud), (_, .protocolError): .flashNoise
            }
        return Failure(code, text)
    }
}

extension LoaderError.Kind {
    fileprivate init(_ code: LinkError.Code) {
        switch code {
        case .lost, .absent: self = .portLost
        case .cancelled: self = .cancelled
        case .writeTimeout: self = .noResponse
        case .baud: self = .baud
        default: self = .portUnavailable
        }
    }
}
