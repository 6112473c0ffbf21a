import Bench
import Foundation
import Testing

@Suite struct SlotThreadTests {
    private actor Clerk {
        private let thread = SlotThread(name: "test slot")
        nonisolated var unownedExecutor: UnownedSerialExecutor { thread.unownedExecutor }
        private var count = 0

        func threadName() -> String? {
            FileManager.default.contents(atPath: "/proc/thread-self/comm").map {
                String(decoding: $0.dropLast(), as: UTF8.self)
            }
        }
        func add() -> Int {
            count += 1
            return count
        }
    }

    @Test("an actor with a slot thread runs there and nowhere else")
    func runsThere() async {
        let clerk = Clerk()
        #expect(await clerk.threadName() == "test slot")
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<200 { group.addTask { _ = await clerk.add() } }
        }
        #expect(await clerk.add() == 201)
        #expect(await clerk.threadName() == "test slot")
    }

    @Test("sixteen slots blocked in a read leave the shared pool free")
    func poolStaysFree() async throws {
        var ptys: [PseudoTerminal] = []
        for _ in 0..<16 { ptys.append(try PseudoTerminal()) }
        let connections = try ptys.map { BoardConnection(slot: "1", port: try PortAddress($0.path)) }
        await withTaskGroup(of: Void.self) { group in
            for connection in connections {
                group.addTask { try? await connection.followConsole(for: .seconds(600)) { _ in } }
            }
            // Each of these needs a thread of the pool; a pool held up by reads would never let them end.
            await withTaskGroup(of: Int.self) { work in
                for number in 0..<64 {
                    work.addTask {
                        await Task.yield()
                        return number
                    }
                }
                #expect(await work.reduce(0, +) == 2016)
            }
            group.cancelAll()
        }
        for connection in connections { await connection.close() }
    }
}
