import Foundation

/// Writes one line to standard error: what a person should see beside the machine-read output.
func note(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

/// `path` as an absolute path without `.` and `..`.
func absolute(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }
