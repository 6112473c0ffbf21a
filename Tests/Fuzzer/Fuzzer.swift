import Fuzzing
import Glibc

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
@_cdecl("LLVMFuzzerInitialize")
public func start(
    _ count: UnsafeMutablePointer<CInt>?,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>?
) -> CInt {
    guard wanted == "list" else { return 0 }
    for target in FuzzTarget.leaf { print(target.name, target.limit) }
    exit(0)
}

private let wanted = getenv("STATION_FUZZ_TARGET").map { String(cString: $0) } ?? ""

/// The target; chosen once.
private let target: FuzzTarget = {
    guard let target = FuzzTarget.leaf.first(where: { $0.name == wanted }) else {
        fatalError("STATION_FUZZ_TARGET: expected one of \(FuzzTarget.leaf.map(\.name)), received \"\(wanted)\"")
    }
    return target
}()
