/// Opens the DFU interface of the board's USB device, which is looked for at its port path alone.
struct DFUOpening: LoaderOpening {
    /// Where the device is plugged in.
    let port: USBBusPort
    let options: DFULoader.Options
    /// How long the device may take to show up after the reset into the loader.
    static let arrival = Duration.seconds(5)

    var usesPort: Bool { false }

    func open(_ link: (any BoardLink)?) throws(LoaderError) -> any BoardLoader {
        let bus: USBBus
        do { bus = try USBBus.shared.get() } catch { throw LoaderError(error) }
        let deadline = ContinuousClock.now + Self.arrival
        let loader = DFULoader(bus: bus, port: port, options: options)
        while true {
            do throws(LoaderError) {
                try loader.connect()
                return loader
            } catch {
                // The kernel enumerates the device a moment after the reset.
                guard error.kind == .portLost, ContinuousClock.now < deadline else { throw error }
            }
            do { try DescriptorIO.pause(.milliseconds(50), port: "usb:\(port)") } catch { throw LoaderError(error) }
        }
    }
}
