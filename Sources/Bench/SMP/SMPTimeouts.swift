/// How long a server may take to answer, where neither session nor loader was told otherwise.
enum SMPTimeouts {
    /// One try of the first contact.
    static let connect = Duration.milliseconds(600)
    /// What may still come after something damaged came.
    static let patience = Duration.milliseconds(300)
}
