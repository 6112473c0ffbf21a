import Foundation
import Provisioning
import Testing

@testable import station

@Suite("what a measurement prints")
struct BenchFiguresTests {
    @Test(
        "a percentile is the smallest sample that so many do not exceed",
        arguments: [(0.0, 1), (50, 2), (51, 3), (75, 3), (99, 4), (100, 4)])
    func percentile(percent: Double, expected: Int) {
        let samples = BenchSamples([4, 1, 3, 2].map { .milliseconds($0) })
        #expect(samples.percentile(percent) == .milliseconds(expected))
    }

    @Test("without samples there is no percentile and no median")
    func none() {
        #expect(BenchSamples([]).percentile(50) == nil)
        #expect(BenchSamples([]).median == nil)
    }

    @Test(
        "numbers are rounded half away from zero and keep their digits",
        arguments: [
            (1.0305, 3, "1.031"), (0.999, 2, "1.00"), (12.3456, 2, "12.35"), (0, 1, "0.0"), (-0.04, 1, "0.0"),
            (-1.25, 1, "-1.3"), (7, 0, "7"), (.infinity, 1, "-"), (.nan, 1, "-"),
        ])
    func fixed(number: Double, digits: Int, text: String) {
        #expect(BenchText.fixed(number, digits) == text)
    }

    @Test(
        "times have the unit that fits",
        arguments: [
            (Duration.seconds(12.345), "12.35 s"), (.milliseconds(5), "5.00 ms"), (.microseconds(91), "91 us"),
        ])
    func time(duration: Duration, text: String) {
        #expect(BenchText.time(duration) == text)
    }

    @Test("what was not measured is a dash, and null in JSON")
    func missing() {
        #expect(BenchText.time(nil) == "-")
        #expect(BenchText.ratio(nil) == "-")
        #expect(BenchText.quotient(.seconds(1), .zero) == nil)
        #expect(BenchText.quotient(nil, .seconds(1)) == nil)
        #expect(BenchText.thousandths(nil) == nil)
    }

    @Test("a ratio of 1.1 is 1100 thousandths")
    func ratio() {
        let ratio = BenchText.quotient(.seconds(11), .seconds(10))
        #expect(BenchText.ratio(ratio) == "1.100")
        #expect(BenchText.thousandths(ratio) == 1100)
    }

    @Test(
        "the wire's floor is ten bits a byte",
        arguments: [(921_600, 921_600, Duration.seconds(10)), (11_520, 115_200, .seconds(1)), (0, 115_200, .zero)])
    func floor(bytes: Int, baud: Int, time: Duration) {
        #expect(WireFloor.time(bytes: bytes, baud: baud) == time)
    }

    @Test("the image is as long as asked for, the same for the same seed, and does not repeat itself")
    func image() {
        let image = BenchImage.make(4100, seed: 7)
        #expect(image.count == 4100)
        #expect(image == BenchImage.make(4100, seed: 7))
        #expect(image != BenchImage.make(4100, seed: 8))
        let words = Set(stride(from: 0, to: 4096, by: 8).map { Array(image[$0..<($0 + 8)]) })
        #expect(words.count == 512)
    }

    @Test("a report has machine, method and every figure as JSON")
    func report() throws {
        let machine = BenchMachine(processor: "P", cores: 2, kernel: "Linux 6", load: "0 0 0", isDebugBuild: true)
        let report = BenchReport(
            name: "slots", machine: machine, method: ["one", "two"], figures: ["ratio 1"], values: ["ratio": nil])
        #expect(report.lines.contains { $0.contains("not to be quoted") })
        #expect(report.json["method"].string == "one two")
        #expect(report.json["machine"]["debug_build"].bool == true)
        #expect(report.json.object?["ratio"] == .some(.null))
    }
}
