import Provisioning

extension Vault {
    /// What a rotation has done.
    public struct Rotation: Sendable, Equatable {
        /// The secrets that were sealed anew.
        public let names: [SecretName]
        /// What guarded the old data key, and what guards the new one.
        public let from: KeyProtection.Kind
        public let to: KeyProtection.Kind
    }

    /// Makes a new data key and seals every secret anew under it; the old one opens nothing that is written from then on.
    /// Keyed digests stay as they were.
    ///
    /// ```
    /// 1. digest/root is sealed, if it is not yet        under the old key
    /// 2. key.next is written                            the new key, under `protection`
    /// 3. each sealed file is replaced                   those under the new key already are left
    /// 4. key.next takes the place of key
    /// ```
    /// A crash at any point loses nothing: the next opening goes on where it was. Other processes wait meanwhile.
    /// - Parameters:
    ///   - current: what guards the vault now, by kind; only the kind that the key file has is used.
    ///   - protection: what shall guard it from now on.
    /// - Throws: ``VaultError`` as ``open(dataFolder:protection:)`` does; `tampered` and the like for a sealed file that does
    ///   not open, before anything was changed.
    public static func rotate(
        dataFolder: String, from current: [KeyProtection], to protection: KeyProtection
    ) throws(VaultError) -> Rotation {
        let target = Vault(dataFolder: dataFolder, protection: protection)
        let folder = try VaultFolder(target.folder, create: false)
        try folder.lock()
        guard let kind = try target.kind(of: keyName, in: folder) else {
            throw VaultError(.keyMissing, "\(target.folder)/\(keyName) is missing: there is nothing to rotate")
        }
        let guards = current.first { $0.kind == kind } ?? (kind == .file ? .file : protection)
        let source = Vault(dataFolder: dataFolder, protection: guards)
        try source.finishRotation(in: folder, target)
        let names = try folder.names()
        for name in names { _ = try source.secret(name, in: folder) }
        let root = try digestRoot()
        if !names.contains(root) {
            let key = try source.withDataKey(in: folder) { (key) throws(VaultError) in Secret(copying: key) }
            try source.put(key, as: root, in: folder)
        }
        try target.writeNewKey(nextKeyName, in: folder)
        try source.finishRotation(in: folder, target)
        return Rotation(names: names.filter { $0 != root }, from: kind, to: protection.kind)
    }

    /// Goes on with a rotation from step 3; does nothing where there is none.
    /// - Parameter target: the same vault as it reads the next key; nil = as this one reads the old.
    func finishRotation(in folder: borrowing VaultFolder, _ target: Vault? = nil) throws(VaultError) {
        guard try kind(of: Self.nextKeyName, in: folder) != nil else { return }
        let target = target ?? self
        for name in try folder.names() {
            do throws(VaultError) {
                _ = try target.secret(name, in: folder, under: Self.nextKeyName)
            } catch  where error.code == .tampered {
                // Under the old key still; what neither opens was changed, and stops the rotation here.
                guard let secret = try self.secret(name, in: folder) else { continue }
                try target.put(secret, as: name, in: folder, under: Self.nextKeyName)
            }
        }
        try folder.move(Self.nextKeyName, over: Self.keyName)
    }

    /// What guards the key file `name`; nil if there is none.
    private func kind(
        of name: String, in folder: borrowing VaultFolder
    ) throws(VaultError) -> KeyProtection.Kind? {
        let path = "\(self.folder)/\(name)"
        return try folder.read(name, longest: KeyFile.longest) { (content) throws(VaultError) in
            try KeyFile(content, path: path).kind
        }
    }
}
