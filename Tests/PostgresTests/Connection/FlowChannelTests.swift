import Synchronization
import Testing

@testable import Postgres

@Suite
struct FlowChannelTests {
    final class Count: Sendable {
        let resumed = Mutex(0)
    }

    @Test func `the producer pauses at the limit and goes on when half of it was taken`() async throws {
        let channel = FlowChannel<Int>(limit: 4)
        let count = Count()
        #expect((1...3).allSatisfy { channel.add($0, size: 1) })
        #expect(!channel.add(4, size: 1))
        for expected in 1...4 {
            let piece = try await channel.next(resume: { count.resumed.withLock { $0 += 1 } }, cancel: {})
            #expect(piece == expected)
            #expect(count.resumed.withLock { $0 } == (expected < 2 ? 0 : 1))
        }
    }

    @Test func `a piece larger than the limit does not stop the flow for ever`() async throws {
        let channel = FlowChannel<Int>(limit: 4)
        let count = Count()
        #expect(!channel.add(1, size: 100))
        _ = try await channel.next(resume: { count.resumed.withLock { $0 += 1 } }, cancel: {})
        #expect(count.resumed.withLock { $0 } == 1)
    }

    @Test func `what came before an error is given first`() async throws {
        let channel = FlowChannel<Int>(limit: 4)
        _ = channel.add(1, size: 1)
        channel.finish(.failure(PostgresError(.server, "no")))
        #expect(!channel.isOver)
        #expect(try await channel.next(resume: {}, cancel: {}) == 1)
        let error = await #expect(throws: PostgresError.self) { try await channel.next(resume: {}, cancel: {}) }
        #expect(error?.message == "no")
        #expect(channel.isOver)
    }

    @Test func `an abandoned channel takes everything and keeps nothing`() {
        let channel = FlowChannel<Int>(limit: 4)
        #expect(channel.abandon())
        #expect((1...100).allSatisfy { channel.add($0, size: 1) })
        channel.finish(.success(()))
        #expect(!channel.abandon())
    }
}
