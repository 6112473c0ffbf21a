import Crypto
import Provisioning

/// The chain followed record by record, with what else the records must agree on: the claims of every order, and which
/// texts were moved into archives.
struct ChainReading {
    private(set) var chain = Chain()
    private(set) var count: Int64 = 0
    private(set) var hasConclusion = false
    /// Units that count against each order's quota.
    private(set) var claims: [String: Int] = [:]
    /// The order of each unit whose place may be given back; grows with the units, one number each.
    private var orders: [Int64: String] = [:]
    /// What was found of each archive, by the number of its record: how many texts say that they were moved there, and a
    /// running digest of their numbers.
    private var moved: [Int64: ArchivedRecords] = [:]
    /// What the archives' records tell.
    private var archives: [Int64: (count: Int64, sha256: String)] = [:]

    /// Takes the next record.
    /// - Returns: what is wrong with it; nil where it fits.
    mutating func take(seq: Int64, text: String, digest: [UInt8], hash: [UInt8]) throws -> String? {
        guard seq == count + 1 else { return "expected record \(count + 1), found \(seq)" }
        if let archive = ArchivedRecords.archive(of: text) {
            moved[archive, default: ArchivedRecords()].add(seq)
            chain.append(digest: digest)
        } else {
            let record = (try? JSONValue(parsing: text)) ?? .null
            guard record["seq"].int == seq else {
                return "its text says seq \(record["seq"].int.map(String.init) ?? "nothing"), expected \(seq)"
            }
            guard chain.append(text: text) == digest else {
                return "its text does not match its digest: it was edited"
            }
            note(record, seq)
        }
        guard chain.head == hash else { return "its hash does not follow from the record before it" }
        count += 1
        return nil
    }

    private mutating func note(_ record: JSONValue, _ seq: Int64) {
        let body = record["body"]
        switch record["kind"].string.flatMap(RecordKind.init) {
        case .runConcluded: hasConclusion = true
        case .claimBound where body["first"].bool == true:
            let order = body["order"].string ?? ""
            if let unit = body["unit"].int { orders[unit] = order }
            if body["taken_over"].bool != true { claims[order, default: 0] += 1 }
        case .workflowConcluded where body["quota_returned"].bool == true:
            if let order = body["unit"].int.flatMap({ orders[$0] }) {
                claims[order] = max(0, claims[order, default: 0] - 1)
            }
        case .restoreSettled:
            for (order, counted) in body["claimed"].object ?? [:] { claims[order] = counted.int.map { Int($0) } ?? 0 }
        case .runsArchived:
            archives[seq] = (body["records"].int ?? 0, body["seqs_sha256"].string ?? "")
        default: break
        }
    }

    /// What does not fit about texts that were moved into archives; nil where all do.
    var missingArchive: String? {
        for (number, found) in moved.sorted(by: { $0.key < $1.key }) {
            guard let told = archives[number] else {
                return
                    "\(found.count) texts say that they were moved by record \(number), which moved none: they were cut out"
            }
            guard told.count == found.count, told.sha256 == found.sha256 else {
                return
                    "record \(number) tells that \(told.count) texts were moved into an archive, \(found.count) others "
                    + "are gone: they were cut out"
            }
        }
        for (number, told) in archives where told.count > 0 && moved[number] == nil {
            return "record \(number) tells that \(told.count) texts were moved into an archive, and they are all here"
        }
        return nil
    }
}

/// Which records' texts were moved into one archive. In their place stands the number of the record that tells of it.
struct ArchivedRecords {
    private(set) var count: Int64 = 0
    private var hash = SHA256()

    mutating func add(_ seq: Int64) {
        count += 1
        hash.update(data: Array("\(seq)\n".utf8))
    }

    /// SHA-256 over their numbers, each on a line of its own.
    var sha256: String { Chain.hex(hash.finalize()) }

    /// The number of the record that tells where a text was moved; nil for a text that is here.
    static func archive(of text: String) -> Int64? { text.utf8.first == UInt8(ascii: "{") ? nil : Int64(text) }
}
