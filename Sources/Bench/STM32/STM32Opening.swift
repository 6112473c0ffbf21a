/// Opens the UART bootloader of an STM32.
struct STM32Opening: LoaderOpening {
    /// Where the identity stands, if it is not the chip's own id.
    let memory: STM32Loader.IdentityMemory?

    var usesPort: Bool { true }
    var parity: SerialParity { .even }

    func open(_ link: (any BoardLink)?) throws(LoaderError) -> any BoardLoader {
        guard let link else { throw LoaderError(.portUnavailable, "the board's port is not open") }
        let loader = STM32Loader(link: link, identityMemory: memory)
        try loader.synchronise()
        _ = try loader.readInfo()
        try loader.detectChip()
        return loader
    }
}
