import AliyunIoT
import Bench
import Foundation
import Glibc
import Journal
import Provisioning

/// Looks every few seconds at what the line depends on: cloud, clock, fixture, disk, access point, switch.
actor ConditionWatch {
    private static let interval = Duration.seconds(10)
    /// How far the clock may be from the cloud's, in seconds; the cloud refuses calls from 15 minutes on.
    private static let clockLevels = (warn: 60.0, bad: 900.0)

    private let settings: LineSettings
    private let journal: Journal
    private let desk: CloudDesk
    private let networks: NetworkWatch
    private let gate: OrderGate
    private var cloud = LineCondition(.cloud, .unknown, zh: "云：尚未询问", en: "cloud: not asked yet")
    private var clock = LineCondition(.clock, .unknown, zh: "时钟：尚未核对", en: "clock: not compared yet")
    private var fixture = LineCondition(.fixture, .unknown, zh: "治具：尚未询问", en: "fixture: not asked yet")

    init(settings: LineSettings, journal: Journal, desk: CloudDesk, networks: NetworkWatch, gate: OrderGate) {
        (self.settings, self.journal, self.desk) = (settings, journal, desk)
        (self.networks, self.gate) = (networks, gate)
    }

    /// Looks until the task is cancelled. Throws only what the journal throws.
    func run() async throws {
        while !Task.isCancelled {
            try await lookAtCloud()
            await lookAtFixture()
            try? await Task.sleep(for: Self.interval)
        }
    }

    /// Everything as it was last seen; the disk as it is.
    func all() async -> [LineCondition] {
        [cloud, await registrationSwitch(), await accessPoint(), fixture, disk(), clock]
    }

    // MARK: - Looking

    /// One look at the record of the probe name tells whether the cloud answers, and what time it has there.
    private func lookAtCloud() async throws {
        let orders = try await journal.orders()
        guard let order = orders.last(where: \.isWorking) ?? orders.last else {
            cloud = LineCondition(.cloud, .unknown, zh: "云：没有工单可询问", en: "cloud: no order to ask about")
            return
        }
        do {
            let look = try await desk.api.lookUpDevice(
                .name(productKey: order.productKey, deviceName: OrderGate.probeName), priority: .watch,
                within: .seconds(8))
            cloud = LineCondition(.cloud, .ok, zh: "云：正常", en: "cloud: answers")
            compare(look.cloudDate)
        } catch let error as CloudError {
            cloud = LineCondition(.cloud, .bad, zh: "云：不通（\(error.code)）", en: "cloud: \(error)")
            compare(error.cloudDate)
        } catch {
            // The station stops.
        }
    }

    private func compare(_ date: String?) {
        guard let date, let there = HTTPDate.read(date) else { return }
        let ahead = Date().timeIntervalSince(there)
        let seconds = Int(abs(ahead).rounded())
        let level: LineCondition.Level =
            abs(ahead) <= Self.clockLevels.warn ? .ok : abs(ahead) < Self.clockLevels.bad ? .warn : .bad
        clock =
            level == .ok
            ? LineCondition(.clock, .ok, zh: "时钟：正常", en: "clock: right")
            : LineCondition(
                .clock, level, zh: "时钟：比云\(ahead < 0 ? "慢" : "快") \(seconds) 秒",
                en: "clock: \(seconds) s \(ahead < 0 ? "behind" : "ahead of") the cloud")
    }

    private func lookAtFixture() async {
        let slots = settings.slots.filter { if case .socket = $0.control { true } else { false } }
        guard !slots.isEmpty else {
            fixture = LineCondition(.fixture, .off, zh: "治具：无控制器", en: "fixture: has no controller")
            return
        }
        let silent = await withTaskGroup(of: String?.self) { group in
            for slot in slots {
                group.addTask {
                    let controller = PowerController(slot.control, slot: slot.name)
                    do { _ = try await controller.isBoardPresent() } catch { return slot.name }
                    return nil
                }
            }
            var names: [String] = []
            for await name in group { if let name { names.append(name) } }
            return names.sorted()
        }
        guard !Task.isCancelled else { return }
        let names = silent.joined(separator: ", ")
        fixture =
            silent.isEmpty
            ? LineCondition(.fixture, .ok, zh: "治具：正常", en: "fixture: answers")
            : LineCondition(
                .fixture, .bad, zh: "治具：工位 \(names) 无应答", en: "fixture: no answer for slot \(names)")
    }

    private func disk() -> LineCondition {
        guard let space = DiskSpace(at: settings.dataFolder) else {
            return LineCondition(
                .disk, .bad, zh: "磁盘：无法读取", en: "disk: \(String(cString: strerror(errno)))")
        }
        let level: LineCondition.Level =
            switch space.level(settings.diskLimits) {
            case .enough: .ok
            case .scarce: .warn
            case .exhausted: .bad
            }
        return LineCondition(.disk, level, zh: "磁盘：剩余 \(space.text)", en: "disk: \(space.text) free")
    }

    private func accessPoint() async -> LineCondition {
        guard settings.network != nil else {
            return LineCondition(.accessPoint, .off, zh: "热点：不使用", en: "access point: not used")
        }
        return switch await networks.last?.state {
        case .reachable?: LineCondition(.accessPoint, .ok, zh: "热点：正常", en: "access point: answers")
        case .unreachable(let why)?: LineCondition(.accessPoint, .bad, zh: "热点：不通", en: "access point: \(why)")
        case .unknown(let why)?: LineCondition(.accessPoint, .unknown, zh: "热点：未探测", en: "access point: \(why)")
        case nil: LineCondition(.accessPoint, .unknown, zh: "热点：尚未探测", en: "access point: not asked yet")
        }
    }

    private func registrationSwitch() async -> LineCondition {
        switch await gate.lastVerdict {
        case .ready?: LineCondition(.registrationSwitch, .ok, zh: "开关：已开", en: "switch: on")
        case .cannotTell?:
            LineCondition(.registrationSwitch, .unknown, zh: "开关：无法探测", en: "switch: cannot be told here")
        case .refused(let code)?:
            LineCondition(
                .registrationSwitch, .bad, zh: "\(code)：\(code.entry.zh.happened)",
                en: "\(code): \(code.entry.en.happened)")
        case nil: LineCondition(.registrationSwitch, .unknown, zh: "开关：尚未探测", en: "switch: not probed yet")
        }
    }
}
