import Synchronization
import Testing

@testable import Postgres

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The loop by itself, with each of its ways to wait.
@Suite
struct EventLoopTests {
    /// Notes what the loop tells it, and runs a closure on each drain.
    final class Witness: EventLoopMember {
        enum Event: Equatable {
            case drained
            case ready(UInt64)
            case failed
            case timer(UInt64)
            case flushed
        }

        let events = Mutex<[Event]>([])
        private let onDrain: @Sendable (Witness) -> Void
        private let onReady: @Sendable (Witness) -> Void

        init(
            onDrain: @escaping @Sendable (Witness) -> Void = { _ in },
            onReady: @escaping @Sendable (Witness) -> Void = { _ in }
        ) {
            self.onDrain = onDrain
            self.onReady = onReady
        }

        func note(_ event: Event) { events.withLock { $0.append(event) } }
        func drain() {
            note(.drained)
            onDrain(self)
        }
        func socketReady(_ readiness: Interest, token: UInt64) {
            note(.ready(token))
            onReady(self)
        }
        func socketFailed() { note(.failed) }
        func timerFired(_ token: UInt64) { note(.timer(token)) }
        func turnEnded() { note(.flushed) }

        func saw(_ wanted: [Event]) async -> Bool {
            await eventually { events.withLock { $0 } == wanted }
        }
    }

    actor Resident {
        nonisolated let loop: EventLoop
        var count = 0
        nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
        init(_ loop: EventLoop) { self.loop = loop }
        func visit() -> Bool {
            count += 1
            return loop.isCurrent
        }
    }

    @Test(arguments: EventLoop.Backend.allCases)
    func `an actor on the loop runs on the loop's thread`(_ backend: EventLoop.Backend) async throws {
        let loop = try EventLoop(backend: backend)
        let resident = Resident(loop)
        for _ in 0..<100 { #expect(await resident.visit()) }
        #expect(await resident.count == 100)
        #expect(!loop.isCurrent)
        await loop.stop()
        // The thread has ended, and comes back for whoever is late.
        #expect(await resident.visit())
    }

    @Test(arguments: EventLoop.Backend.allCases)
    func `timers fire in the order of their times, and not early`(_ backend: EventLoop.Backend) async throws {
        let loop = try EventLoop(backend: backend)
        let start = ContinuousClock.now
        let witness = Witness { witness in
            for (token, milliseconds) in [(3, 30), (1, 10), (2, 20)] as [(UInt64, Int)] {
                loop.timer(at: start + .milliseconds(milliseconds), member: witness, token: token)
            }
        }
        loop.schedule(witness)
        #expect(await witness.saw([.drained, .timer(1), .timer(2), .timer(3)]))
        #expect(ContinuousClock.now - start >= .milliseconds(30))
        await loop.stop()
    }

    @Test(arguments: EventLoop.Backend.allCases)
    func `a socket is told of when it is readable, and not after it was forgotten`(
        _ backend: EventLoop.Backend
    ) async throws {
        let loop = try EventLoop(backend: backend)
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        let (input, output) = (ends[0], ends[1])
        let witness = Witness { witness in
            loop.watch(input, for: .read, member: witness, token: 7)
        } onReady: { _ in
            var byte: UInt8 = 0
            #expect(read(input, &byte, 1) == 1)
            if byte == 2 { loop.forget(input) }
        }
        loop.schedule(witness)
        #expect(await witness.saw([.drained]))
        for byte in [1, 2] as [UInt8] {
            var byte = byte
            #expect(write(output, &byte, 1) == 1)
            let ready = Array(repeating: Witness.Event.ready(7), count: Int(byte))
            #expect(await witness.saw([.drained] + ready))
        }
        var byte: UInt8 = 3
        #expect(write(output, &byte, 1) == 1)
        await loop.stop()
        #expect(witness.events.withLock { $0 } == [.drained, .ready(7), .ready(7)])
        close(input)
        close(output)
    }

    @Test func `what asks for a flush is called once, at the end of the turn`() async throws {
        let loop = try EventLoop()
        let witness = Witness { witness in
            loop.flushAtEndOfTurn(witness)
            witness.note(.timer(0))
        }
        loop.schedule(witness)
        #expect(await witness.saw([.drained, .timer(0), .flushed]))
        await loop.stop()
    }

    @Test(arguments: EventLoop.Backend.allCases)
    func `a client works with it`(_ backend: EventLoop.Backend) async throws {
        var configuration = PostgresClient.Configuration(connectionString: try await TestServer.database())
        configuration.backend = backend
        try await PostgresClient.with(configuration, logger: TestServer.logger) { client in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for n in 0..<50 as Range<Int64> {
                    group.addTask {
                        let number = try await client.number("select \(n)")
                        #expect(number == n)
                    }
                }
                try await group.waitForAll()
            }
            try await client.withTransaction { tx in try await tx.execute("create table t (a int)") }
        }
    }

    #if os(Linux)
        @Test func `a descriptor that cannot be watched is told of, once`() async throws {
            let file = open("/proc/self/status", O_RDONLY)
            defer { close(file) }
            let loop = try EventLoop(backend: .epoll)
            let witness = Witness { loop.watch(file, for: .read, member: $0) }
            loop.schedule(witness)
            #expect(await witness.saw([.drained, .failed]))
            let forgetter = Witness { _ in loop.forget(file) }
            loop.schedule(forgetter)
            #expect(await forgetter.saw([.drained]))
            #expect(witness.events.withLock { $0 } == [.drained, .failed])
            await loop.stop()
        }
    #endif

    @Test(arguments: EventLoop.Backend.allCases)
    func `a loop that has stopped keeps nobody alive`(_ backend: EventLoop.Backend) async throws {
        for _ in 0..<200 {
            let loop = try EventLoop(backend: backend)
            weak var member: Witness?
            do {
                let witness = Witness { loop.timer(at: .now + .seconds(60), member: $0, token: 1) }
                member = witness
                loop.schedule(witness)
                #expect(await witness.saw([.drained]))
            }
            await loop.stop()
            #expect(member == nil)
        }
    }
}
