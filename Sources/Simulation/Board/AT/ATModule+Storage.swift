import BoardProtocols

extension ATModule {
    /// What a key-value partition in flash holds; nil where there is none or it cannot be read.
    func contents(_ label: String) -> NVSPartition? {
        guard let place = settings.partitions.first(where: { $0.label == label }) else { return nil }
        return try? NVSPartition(parsing: flash.read(place.offset, place.size))
    }

    /// Changes a key-value partition as firmware does and writes back the pages that differ.
    func change(_ label: String, _ body: (inout NVSEditor) throws(NVSError) -> Void) -> Answer {
        guard let place = settings.partitions.first(where: { $0.label == label }) else { return .error(3) }
        let old = flash.read(place.offset, place.size)
        do {
            let blank = [UInt8](repeating: 0xFF, count: place.size)
            var editor = try (try? NVSEditor(old)) ?? NVSEditor(blank)
            try body(&editor)
            let new = editor.bytes
            for start in stride(from: 0, to: new.count, by: FlashChip.sector) {
                let page = Array(new[start..<start + FlashChip.sector])
                guard page[...] != old[start..<start + FlashChip.sector] else { continue }
                guard flash.erase(place.offset + start, page.count), flash.program(place.offset + start, page) else {
                    return .error(50)
                }
            }
            return .lines([])
        } catch {
            return .error(50)
        }
    }

    /// The comma-separated arguments after `=`, quotes taken off.
    static func arguments(_ text: String) -> [String] {
        guard let equals = text.firstIndex(of: "=") else { return [] }
        var fields = [""]
        var isQuoted = false
        for character in text[text.index(after: equals)...] {
            if character == "\"" {
                isQuoted.toggle()
            } else if character == ",", !isQuoted {
                fields.append("")
            } else {
                fields[fields.count - 1].append(character)
            }
        }
        return fields
    }
}
