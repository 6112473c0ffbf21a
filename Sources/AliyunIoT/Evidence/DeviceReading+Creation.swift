extension DeviceReading {
    /// Whether the device was created no earlier than the cloud said it was not there, both by the cloud's own clock.
    ///
    /// - Parameter httpDate: the HTTP `Date` header of the answer that said "not there" (IMF-fixdate, RFC 9110 section
    ///   5.6.7: `Mon, 23 Nov 2026 07:31:36 GMT`, whole seconds).
    /// - Returns: false when either time is missing or cannot be read.
    public func wasCreated(notBefore httpDate: String?) -> Bool {
        guard let createdAt, let httpDate, let created = CloudInstant(createdAt),
            let bound = CloudInstant(httpDate: httpDate)
        else { return false }
        return created >= bound
    }
}

extension CloudInstant {
    /// Reads an IMF-fixdate; nil for any other form.
    init?(httpDate text: String) {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT", words[1].count == 2, words[3].count == 4,
            let month = months.firstIndex(of: String(words[2]))
        else { return nil }
        self.init("\(words[3])-\(month < 9 ? "0" : "")\(month + 1)-\(words[1])T\(words[4])Z")
    }
}
