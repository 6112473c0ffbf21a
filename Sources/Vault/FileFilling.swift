import Glibc

extension UnsafeMutableRawBufferPointer {
    /// Reads `file` into the buffer until the file ends or the buffer is full.
    /// - Returns: how many bytes were read; nil where a read failed, with the reason in `errno`.
    func fill(from file: Int32) -> Int? {
        var count = 0
        while count < self.count {
            let received = read(file, baseAddress?.advanced(by: count), self.count - count)
            if received == 0 { break }
            if received < 0 && errno == EINTR { continue }
            guard received > 0 else { return nil }
            count += received
        }
        return count
    }
}
