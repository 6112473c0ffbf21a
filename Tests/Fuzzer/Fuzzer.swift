import Foundation
import Fuzzing

/// libFuzzer's entry: reads one input by the target that `STATION_FUZZ_TARGET` names, and ends the process where a property
/// does not hold. Built by `Station/test.sh --fuzz` alone; libFuzzer brings `main`.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    do {
        try target.check(bytes)
        if let mend = target.mend { try target.check(mend(bytes)) }
    } catch {
        fatalError("\(target): \(error)")
    }
    return 0
}

/// Before the first input: with `STATION_FUZZ_TARGET=list` the names of all targets and their longest inputs, and the end.
/// Then each target's own seeds and words are written into the folder `STATION_FUZZ_SEEDS`.
@_cdecl("LLVMFuzzerInitialize")
public func start(
    _ count: UnsafeMutablePointer<CInt>?,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>?
) -> CInt {
    guard wanted == "list" else { return 0 }
    do {
        for target in FuzzTarget.leaf {
            print(target.name, target.limit)
            if let folder = getenv("STATION_FUZZ_SEEDS") { try write(target, in: String(cString: folder)) }
        }
    } catch {
        fatalError("STATION_FUZZ_SEEDS: \(error)")
    }
    exit(0)
}

/// The seeds as `FOLDER/NAME/NUMBER`, the words as libFuzzer's dictionary `FOLDER/NAME.words`.
private func write(_ target: FuzzTarget, in folder: String) throws {
    let seeds = URL(fileURLWithPath: folder).appendingPathComponent(target.name)
    try FileManager.default.createDirectory(at: seeds, withIntermediateDirectories: true)
    for (number, seed) in target.seeds.enumerated() {
        try Data(seed).write(to: seeds.appendingPathComponent("\(number)"))
    }
    let words = target.words.filter { !$0.isEmpty }.map { word in
        "\"" + word.map { "\\x" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() + "\"\n"
    }
    try Data(words.joined().utf8).write(to: seeds.appendingPathExtension("words"))
}

private let wanted = getenv("STATION_FUZZ_TARGET").map { String(cString: $0) } ?? ""

/// The target; chosen once.
private let target: FuzzTarget = {
    guard let target = FuzzTarget.leaf.first(where: { $0.name == wanted }) else {
        fatalError("STATION_FUZZ_TARGET: expected one of \(FuzzTarget.leaf.map(\.name)), received \"\(wanted)\"")
    }
    return target
}()
