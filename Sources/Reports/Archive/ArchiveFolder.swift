import Foundation

/// What lies in an archive's folder.
enum ArchiveFolder {
    /// Plain files by their path within it, and whatever is neither file nor folder.
    static func list(_ folder: String) throws -> (files: Set<String>, others: [String]) {
        guard let paths = FileManager.default.enumerator(atPath: folder) else {
            throw ArchiveError("cannot read the folder \(folder)")
        }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
            throw ArchiveError("there is no folder \(folder)")
        }
        var (files, others): (Set<String>, [String]) = ([], [])
        while let path = paths.nextObject() as? String {
            var status = stat()
            guard lstat(folder + "/" + path, &status) == 0 else { continue }
            switch status.st_mode & S_IFMT {
            case S_IFREG: files.insert(path)
            case S_IFDIR: break
            default: others.append(path)
            }
        }
        return (files, others.sorted())
    }
}
