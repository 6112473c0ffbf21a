import AliyunIoT
import Journal
import Provisioning

/// Which of the cloud's devices are alarmed, by what the journal says of their names.
enum LeakRule {
    /// - Returns: the kind of alarm and its sentence; nil where the device is explained.
    static func judge(
        _ device: ListedDevice, _ record: WatchedName, mode: RegistrationMode
    ) -> (kind: String, sentence: String)? {
        let isActive = device.state?.isActive == true
        if device.deviceName == CloudDesk.probeName {
            return isActive ? ("active-not-ours", "somebody has connected under the probe name") : nil
        }
        if let unit = record.unit {
            guard isActive, !record.isRunning else { return nil }
            if [.scrapped, .replaced].contains(unit.state) {
                return (
                    "active-not-ours", "unit \(unit.id) was given up (\(unit.state.rawValue)), and its name is active"
                )
            }
            if let iotID = unit.iotID, !device.iotID.isEmpty, iotID != device.iotID {
                return (
                    "active-not-ours",
                    "unit \(unit.id) has IotId \(iotID), and a device \(device.iotID) is active under its name"
                )
            }
            // A board that was not activated by plan becomes active at its customer's.
            if unit.state == .done, record.isOrderClosed { return nil }
            guard unit.activity == .none else { return nil }
            return (
                "active-without-run",
                "unit \(unit.id) (\(unit.state.rawValue)) is active, and none of its runs has switched it on"
            )
        }
        if isActive, record.isListed {
            return (
                "active-not-ours", "it is active, and its name was created in advance for a board that was never placed"
            )
        }
        if record.isInBaseline { return nil }
        if isActive { return ("active-not-ours", "it is active, and no order, baseline or list of names knows it") }
        // Without pre-registration a name comes into being by the ProductSecret alone.
        if mode == .noPreregistration, !record.isListed {
            return ("name-not-ours", "it was registered with the ProductSecret, and no order or baseline knows it")
        }
        return nil
    }
}
