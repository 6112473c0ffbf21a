import Foundation
import Testing

@testable import station

@Suite("Where profiles are found")
final class ConfigurationHomeTests {
    let root: String

    init() throws {
        root = FileManager.default.temporaryDirectory.appendingPathComponent("home-\(UUID().uuidString)").path
        for folder in ["checkout/Station/boards", "checkout/.build/debug", "named/boards", "installed/boards", "empty"]
        {
            try FileManager.default.createDirectory(
                atPath: "\(root)/\(folder)", withIntermediateDirectories: true)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    @Test("the option goes before the environment, that before the checkout, that before what is installed")
    func order() throws {
        let environment = ["STATION_HOME": "\(root)/named"]
        let executable = "\(root)/checkout/.build/debug/station"
        func locate(_ explicit: String?, _ environment: [String: String], _ executable: String?) throws -> String {
            let home = try StationHome.locate(
                explicit: explicit, environment: environment, executable: executable, installed: "\(root)/installed")
            return String(home.folder.dropFirst(root.count + 1))
        }
        #expect(try locate("\(root)/checkout/Station", environment, executable) == "checkout/Station")
        #expect(try locate(nil, environment, executable) == "named")
        #expect(try locate(nil, [:], executable) == "checkout/Station")
        #expect(try locate(nil, ["STATION_HOME": ""], executable) == "checkout/Station")
        #expect(try locate(nil, [:], "\(root)/empty/station") == "installed")
        #expect(try locate(nil, [:], nil) == "installed")
    }

    @Test("a folder that was named but has no boards is an error, not passed over")
    func wrongName() {
        for (explicit, environment) in [("\(root)/empty", [:]), (nil, ["STATION_HOME": "\(root)/empty"])] {
            #expect(throws: StationHome.NotFound.self) {
                try StationHome.locate(
                    explicit: explicit, environment: environment, executable: nil, installed: "\(root)/installed")
            }
        }
    }

    @Test("without any folder the error says how to name one")
    func nothing() {
        let error = #expect(throws: StationHome.NotFound.self) {
            try StationHome.locate(environment: [:], executable: nil, installed: "\(root)/empty")
        }
        #expect(error?.description.contains("--home or STATION_HOME") == true)
    }

    @Test("profiles are the TOML files of the folder boards, sorted")
    func names() throws {
        for name in ["b.toml", "a.toml", ".c.toml", "readme.md"] {
            try Data().write(to: URL(fileURLWithPath: "\(root)/named/boards/\(name)"))
        }
        #expect(try StationHome.locate(explicit: "\(root)/named").profileNames() == ["a", "b"])
    }

    @Test("this program's own file is found")
    func ownFile() {
        #expect(StationHome.executablePath()?.hasPrefix("/") == true)
    }
}
