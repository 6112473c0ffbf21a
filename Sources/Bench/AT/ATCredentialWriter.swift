import BoardProtocols
public import Provisioning

/// Puts the product credential into a module and proves it by reading back. No error, event or log holds the secret.
///
/// Lives on the slot's thread, over an opened session.
public struct ATCredentialWriter {
    let session: ATSession
    let method: ATCredential
    let productKey: String
    let productSecret: Secret

    public init(session: ATSession, method: ATCredential, productKey: String, productSecret: Secret) {
        (self.session, self.method) = (session, method)
        (self.productKey, self.productSecret) = (productKey, productSecret)
    }

    /// Writes the credential where the module does not hold it yet, and reads it back.
    /// - Throws: ``LoaderError`` `verifyMismatch` where the module holds something else after the write,
    ///   `protocolError` where it refuses, and those of the exchange.
    public func write() throws(LoaderError) -> ATCredential.Outcome {
        if let proof = try holds() { return ATCredential.Outcome(proof: proof, written: false) }
        switch method {
        case .manufacturing(let namespace, let keyName, let secretName):
            let partition = ATManufacturing(session: session, namespace: namespace)
            try partition.store(Secret(productKey), keyName)
            try partition.store(productSecret, secretName)
        case .template(let template):
            for (index, line) in template.lines.enumerated() { try send(line, number: index + 1) }
            if template.readBack == nil { return ATCredential.Outcome(proof: .acceptedOnly, written: true) }
        }
        guard let proof = try proof() else {
            throw LoaderError(
                .verifyMismatch,
                "the module took the credential and holds another one when asked: check the credential's template and "
                    + "the module's firmware")
        }
        return ATCredential.Outcome(proof: proof, written: true)
    }

    /// What proves that the module holds this credential already; nil where it does not, or only part can be told: a
    /// ProductKey alone says nothing about the secret beside it.
    public func holds() throws(LoaderError) -> ATCredential.Proof? {
        guard let proof = try proof(), proof == .readBack || proof == .digest else { return nil }
        return proof
    }

    /// What the module tells of the credential; nil where it holds another one or none, which two readings must say:
    /// answers carry no check value.
    private func proof() throws(LoaderError) -> ATCredential.Proof? {
        if let proof = try told() { return proof }
        return try told()
    }

    private func told() throws(LoaderError) -> ATCredential.Proof? {
        switch method {
        case .manufacturing(let namespace, let keyName, let secretName):
            let partition = ATManufacturing(session: session, namespace: namespace)
            guard try partition.stored(keyName) == Secret(productKey),
                try partition.stored(secretName) == productSecret
            else { return nil }
            return .readBack
        case .template(let template):
            guard let readBack = template.readBack else { return nil }
            return try told(readBack)
        }
    }

    // MARK: - Template

    private func send(_ line: ATCredential.Line, number: Int) throws(LoaderError) {
        let name = "line \(number) of the credential's template"
        let data = try line.data.map { text throws(LoaderError) in try filled(text, name, isLine: false) }
        let text = replaced(line.text, "{length}", with: String(data?.count ?? 0))
        let command = try filled(text, name, isLine: true)
        guard let data else { return try session.command(secret: command, name: name, success: line.result) }
        _ = try session.send(
            ATLine(secret: command, name: name), data: data.withBytes { $0 }, prefix: nil,
            timeout: ATSession.usualTimeout)
    }

    /// A template's text with the values in their places.
    private func filled(_ text: String, _ name: String, isLine: Bool) throws(LoaderError) -> Secret {
        if isLine {
            for (what, value) in [("ProductKey", Secret(productKey)), ("ProductSecret", productSecret)] {
                let fits = value.withBytes { bytes in
                    bytes.allSatisfy { (0x21..<0x7F).contains($0) && $0 != UInt8(ascii: "\"") }
                }
                guard fits else {
                    throw LoaderError(
                        .protocolError, "\(name): the \(what) holds a character that a command line cannot carry")
                }
            }
        }
        // The key first: the secret's own text must not be searched for placeholders.
        return Secret.filling(
            replaced(text, "{product_key}", with: productKey), "{product_secret}", with: productSecret)
    }

    private func told(_ readBack: ATCredential.ReadBack) throws(LoaderError) -> ATCredential.Proof? {
        let line = ATLine(secret: Secret(readBack.command), name: readBack.command)
        var result: ATResult?
        for attempt in 1... {
            do {
                result = try session.run(
                    line, prefix: ATText.prefix(ofCommand: readBack.command), bare: true,
                    timeout: ATSession.usualTimeout, patience: .seconds(1))
                break
            } catch {
                // Nothing stored yet: modules refuse to read it.
                if error.kind == .protocolError { return nil }
                guard attempt < 3, error.kind == .noise || error.kind == .noResponse else { throw error }
            }
        }
        let found = Set((result?.lines ?? []).compactMap { readBack.pattern.capture(in: $0) })
        guard found.count == 1, let value = found.first else { return nil }
        switch readBack.value {
        case .secretDigest:
            let digest = productSecret.withBytes { Digest.hex(Digest.sha256($0)) }
            return value.lowercased() == digest ? .digest : nil
        case .productKey: return value == productKey ? .keyOnly : nil
        }
    }

    private func replaced(_ text: String, _ mark: String, with value: String) -> String {
        pieces(text, mark).joined(separator: value)
    }

    /// `text` cut at every `mark`.
    private func pieces(_ text: String, _ mark: String) -> [String] {
        var pieces: [String] = []
        var rest = text[...]
        while let range = rest.firstRange(of: mark) {
            pieces.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        return pieces + [String(rest)]
    }
}
