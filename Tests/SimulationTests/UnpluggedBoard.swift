@testable import Simulation

/// Pulls the board off its wire once it has received so many bytes.
struct UnpluggedBoard: WireModel {
    var model: EspressifLoaderModel
    var left: Int

    mutating func receive(_ input: [UInt8]) -> [WireAction] {
        left -= input.count
        return left > 0 ? model.receive(input) : [.unplug]
    }
}
