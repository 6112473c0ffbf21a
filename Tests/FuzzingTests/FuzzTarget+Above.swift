import Fuzzing

extension FuzzTarget {
    /// Where bytes of strangers are read above the leaf targets.
    static let above: [FuzzTarget] = [
        stationTOML, profileTOML, slotMap, openAPI, registration, exportRow, archive, sealedFile, witness, signingKey,
        orderImport, packingList, identityList, labelTemplate, command, multipart, toolOutput, credentialRegion,
    ]
}
