import Foundation
import SystemPackage

/// Writes one line to standard error: what a person should see beside the machine-read output.
func note(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

/// `path` as an absolute path without `.` and `..`, by its letters alone: links stay as they are written, since a port's
/// by-path name means a place and not the device that is there now.
func lexicallyAbsolute(_ path: String, in folder: String = FileManager.default.currentDirectoryPath) -> String {
    FilePath(folder).pushing(FilePath(path)).lexicallyNormalized().string
}
