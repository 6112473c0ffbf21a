import BoardProtocols

extension FuzzTarget {
    /// What ST's UART bootloader answers.
    static let stm32 = FuzzTarget(
        "stm32", limit: 300,
        seeds: [
            STM32LoaderInfo(version: 0x31, codes: [0, 1, 2, 0x11, 0x21, 0x31, 0x43, 0x63, 0x73, 0x82, 0x92]).bytes,
            [1, 0x04, 0x13], STM32Frame.address(0x0800_0000), [0xFF, 0xFF],
        ]
    ) { bytes in
        if let info = STM32LoaderInfo(parsing: bytes) {
            try insist(info.bytes, equals: bytes, "the answer to GET written again")
            _ = (info.versionText, info.knows(.go))
        }
        if let product = STM32LoaderInfo.productID(parsing: bytes) { _ = STM32Part.with(productID: product) }
        try insist(
            STM32Frame.isIntact(bytes + [STM32Frame.xor(bytes)]), equals: !bytes.isEmpty, "a frame with its check byte")
        _ = STM32Frame.number(bytes)
        // The size register is the board's word.
        let size = Int(LittleEndian.u16(bytes, at: 0) ?? 0)
        if let part = bytes.last.map({ knownParts[Int($0) % knownParts.count] }) {
            let pages = part.pages(flashKiB: size)
            try insist(pages.count <= size, "more pages than KiB")
            for (one, next) in zip(pages, pages.dropFirst()) {
                try insist(one.range.upperBound, equals: next.range.lowerBound, "pages without a gap")
            }
        }
    }

    private static let knownParts = (UInt16(0x400)...0x4FF).compactMap { STM32Part.with(productID: $0) }
}
