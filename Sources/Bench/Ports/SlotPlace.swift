/// A slot's place on the USB tree, from its address.
struct SlotPlace: Hashable {
    let path: USBPortPath

    /// Reads `usb:…`; nil for an address that is no place on the tree, or that cannot be read.
    init?(_ address: String) {
        guard let address = try? PortAddress(address), case .usb(let text, _) = address.kind,
            let path = USBPortPath(text)
        else { return nil }
        self.path = path
    }
}
