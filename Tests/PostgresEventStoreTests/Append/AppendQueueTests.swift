import EventSourcing
import Testing

@testable import PostgresEventStore

/// How waiting appends are gathered into groups. A table: appends go in, groups come out, no database.
@Suite struct AppendQueueTests {
    typealias Queue = AppendQueue<Int>
    let now = ContinuousClock.now

    @Test func `what waits goes together, sorted by stream`() throws {
        var queue = Queue(limits: .init())
        try fill(&queue, [("b-1", .noStream), ("a-1", .noStream), ("c-1", .any)])
        #expect(streams(queue.nextGroup(now: now).group.sortedByStream()) == ["a-1", "b-1", "c-1"])
        #expect(queue.count == 0)
    }

    @Test func `a stream has at most one append with an expectation in a group, and order is kept`() throws {
        var queue = Queue(limits: .init())
        try fill(&queue, [("a-1", .version(0)), ("a-1", .version(1)), ("b-1", .any)])
        let first = queue.nextGroup(now: now).group
        #expect(first.map(\.reply) == [0, 2])
        #expect(queue.nextGroup(now: now).group.isEmpty, "the stream is in flight")
        queue.finished(first)
        #expect(queue.nextGroup(now: now).group.map(\.reply) == [1])
    }

    @Test func `appends without an expectation share a group with others to their stream`() throws {
        var queue = Queue(limits: .init())
        try fill(&queue, [("a-1", .any), ("b-1", .any), ("a-1", .any)])
        #expect(queue.nextGroup(now: now).group.sortedByStream().map(\.reply) == [0, 2, 1])
    }

    @Test func `nothing overtakes an append to its stream that is held back`() throws {
        var queue = Queue(limits: .init())
        try fill(&queue, [("a-1", .any), ("a-1", .version(4)), ("a-1", .any)])
        let first = queue.nextGroup(now: now).group
        #expect(first.map(\.reply) == [0])
        queue.finished(first)
        let second = queue.nextGroup(now: now).group
        #expect(second.map(\.reply) == [1])
        queue.finished(second)
        #expect(queue.nextGroup(now: now).group.map(\.reply) == [2])
    }

    @Test func `the same append id twice goes in two groups, so that the second finds the first (ES10)`() throws {
        var queue = Queue(limits: .init())
        let id = AppendID()
        #expect(queue.enqueue(try member("a-1", .any, reply: 0, id: id)))
        #expect(queue.enqueue(try member("a-1", .any, reply: 1, id: id)))
        let first = queue.nextGroup(now: now).group
        #expect(first.map(\.reply) == [0])
        queue.finished(first)
        #expect(queue.nextGroup(now: now).group.map(\.reply) == [1])
    }

    @Test func `appends that go again come before those that wait`() throws {
        var queue = Queue(limits: .init())
        try fill(&queue, [("a-1", .any), ("b-1", .any)])
        let first = queue.nextGroup(now: now).group
        try fill(&queue, [("a-1", .any)], from: 2)
        queue.finished(first, again: first)
        #expect(queue.nextGroup(now: now).group.map(\.reply) == [0, 1, 2])
    }

    @Test func `a group ends at each of its limits, but one large append still goes`() throws {
        var byCount = Queue(limits: .init(appends: 2))
        try fill(&byCount, [("a-1", .any), ("b-1", .any), ("c-1", .any)])
        #expect(byCount.nextGroup(now: now).group.count == 2)

        var byEvents = Queue(limits: .init(events: 3))
        #expect(byEvents.enqueue(try member("a-1", .any, reply: 0, events: 5)))
        #expect(byEvents.enqueue(try member("b-1", .any, reply: 1, events: 2)))
        #expect(byEvents.enqueue(try member("c-1", .any, reply: 2, events: 2)))
        #expect(byEvents.nextGroup(now: now).group.map(\.reply) == [0])
        #expect(byEvents.nextGroup(now: now).group.map(\.reply) == [1])
    }

    @Test func `a full line refuses, by appends and by bytes`() throws {
        var byCount = Queue(limits: .init(waiting: 1))
        #expect(byCount.enqueue(try member("a-1", .any, reply: 0)))
        #expect(!byCount.enqueue(try member("b-1", .any, reply: 1)))
        var byBytes = Queue(limits: .init(waitingBytes: 20))
        #expect(byBytes.enqueue(try member("a-1", .any, reply: 0)))
        #expect(!byBytes.enqueue(try member("b-1", .any, reply: 1, events: 9)))
        _ = byBytes.nextGroup(now: now)
        #expect(byBytes.enqueue(try member("c-1", .any, reply: 2)), "what left the line makes room")
    }

    @Test func `an append that is larger than the line is let in where nobody waits`() throws {
        var queue = Queue(limits: .init(waitingBytes: 20))
        #expect(queue.enqueue(try member("a-1", .any, reply: 0, events: 9)))
        #expect(!queue.enqueue(try member("b-1", .any, reply: 1)))
        #expect(queue.nextGroup(now: now).group.count == 1)
        #expect(queue.enqueue(try member("b-1", .any, reply: 1)))
    }

    @Test func `an append whose time is up leaves the line unsent`() throws {
        var queue = Queue(limits: .init())
        #expect(queue.enqueue(try member("a-1", .any, reply: 0, deadline: now)))
        #expect(queue.enqueue(try member("b-1", .any, reply: 1, deadline: now + .seconds(1))))
        let next = queue.nextGroup(now: now)
        #expect(next.expired.map(\.reply) == [0])
        #expect(next.group.map(\.reply) == [1])
    }

    @Test func `an append that waits can be taken back, one in flight can not`() throws {
        var queue = Queue(limits: .init())
        try fill(&queue, [("a-1", .version(0)), ("a-1", .version(1))])
        _ = queue.nextGroup(now: now)
        #expect(!queue.remove { $0.reply == 0 })
        #expect(queue.remove { $0.reply == 1 })
        #expect(queue.count == 0)
        #expect(!queue.isIdle)
    }

    @Test func `of a busy stream one append is in the lane, and the others stay behind it in their order`() throws {
        var queue = Queue(limits: .init())
        try fill(&queue, [("a-1", .any), ("b-1", .any), ("a-1", .any), ("a-1", .version(7))])
        let group = queue.nextGroup(now: now).group
        #expect(group.map(\.reply) == [0, 1, 2])
        try fill(&queue, [("a-1", .any), ("c-1", .any)], from: 4)
        queue.finished(group, busy: group.filter { $0.append.stream == "a-1" })
        #expect(queue.nextGroup(now: now).group.map(\.reply) == [5], "others go on")
        let next = queue.nextInLane()
        let first = try #require(next)
        #expect(first.reply == 0)
        #expect(queue.nextInLane() == nil, "a stream takes one lane")
        queue.finished([first])
        #expect(queue.nextGroup(now: now).group.map(\.reply) == [2])
    }

    @Test func `what goes again of a stream that is busy keeps its place before what came later`() throws {
        var queue = Queue(limits: .init())
        try fill(&queue, [("a-1", .any), ("a-1", .any)])
        let group = queue.nextGroup(now: now).group
        queue.finished(group, again: [group[0]], busy: [group[1]])
        #expect(queue.nextInLane()?.reply == 0)
    }

    @Test func `a stream with thousands that wait for it is in nobody's way`() throws {
        var queue = Queue(limits: .init(appends: 4))
        try fill(&queue, (0..<2_000).map { _ in ("a-1", .version(0)) })
        #expect(queue.nextGroup(now: now).group.count == 1)
        try fill(&queue, [("b-1", .any)], from: 5_000)
        #expect(queue.nextGroup(now: now).group.map(\.reply) == [5_000])
        #expect(queue.count == 1_999)
    }

    @Test func `an append that nobody is before goes alone at once, and the next to its stream waits`() throws {
        var queue = Queue(limits: .init())
        let begun = queue.beginAlone(try member("a-1", .any, reply: 0))
        let alone = try #require(begun)
        #expect(queue.beginAlone(try member("a-1", .any, reply: 1)) == nil)
        try fill(&queue, [("a-1", .any)], from: 1)
        #expect(queue.beginAlone(try member("b-1", .any, reply: 2)) == nil, "somebody waits")
        #expect(queue.nextGroup(now: now).group.isEmpty)
        queue.finished([alone])
        #expect(queue.nextGroup(now: now).group.map(\.reply) == [1])
    }

    @Test func `what is ready waits for as much as half of what is on its way, and is worth a commit then`() throws {
        var queue = Queue(limits: .init())
        try fill(&queue, [("a-1", .any)])
        #expect(queue.isWorthAGroup(sent: 0) && queue.isWorthAGroup(sent: 2))
        #expect(!queue.isWorthAGroup(sent: 3))
        try fill(&queue, [("b-1", .any)], from: 1)
        #expect(queue.isWorthAGroup(sent: 4))
        #expect(!queue.isWorthAGroup(sent: 5))
    }

    @Test func `the first of many who come back does not go off alone`() throws {
        var queue = Queue(limits: .init())
        let first = try member("a-1", .any, reply: 0)
        #expect(queue.beginAlone(first, sent: 3) == nil)
        #expect(queue.beginAlone(first, sent: 2)?.reply == 0)
    }

    @Test func `what waits in the lane or behind it counts, and can be taken back`() throws {
        var queue = Queue(limits: .init(waiting: 2))
        try fill(&queue, [("a-1", .any), ("a-1", .any)])
        let group = queue.nextGroup(now: now).group
        queue.finished(group, busy: group)
        #expect(!queue.enqueue(try member("b-1", .any, reply: 2)))
        #expect(queue.remove { $0.reply == 0 })
        #expect(queue.nextInLane() == nil)
        #expect(queue.nextGroup(now: now).group.map(\.reply) == [1])
        #expect(queue.count == 0)
    }

    @Test func `whose time is up leaves wherever it waits, and who stood behind it is ready`() throws {
        var queue = Queue(limits: .init())
        let late = now - .seconds(1)
        #expect(queue.enqueue(try member("a-1", .any, reply: 0, deadline: late + .seconds(2))))
        #expect(queue.enqueue(try member("b-1", .any, reply: 1)))
        let group = queue.nextGroup(now: now).group
        #expect(queue.enqueue(try member("a-1", .any, reply: 2)))
        #expect(queue.enqueue(try member("b-1", .any, reply: 3, deadline: late)))
        #expect(queue.enqueue(try member("c-1", .any, reply: 4, deadline: late)))
        queue.finished([group[0]], busy: [group[0]])
        #expect(queue.earliestDeadline == late)
        let first = queue.removeExpired(now: now)
        #expect(first.inLine.map(\.reply).sorted() == [3, 4] && first.inLane.isEmpty)
        #expect(queue.removeExpired(now: now).inLine.isEmpty)
        let second = queue.removeExpired(now: now + .seconds(2))
        #expect(second.inLine.isEmpty && second.inLane.map(\.reply) == [0])
        #expect(queue.nextInLane() == nil)
        #expect(queue.nextGroup(now: now).group.map(\.reply) == [2])
        queue.finished([group[1]])
        #expect(queue.count == 0)
    }

    @Test func `a stream that is still held goes to the lane's end, and its first append stays its first`() throws {
        var queue = Queue(limits: .init())
        try fill(&queue, [("a-1", .any), ("a-1", .any), ("b-1", .any)])
        let group = queue.nextGroup(now: now).group
        queue.finished(group, busy: group)
        var turns: [Int] = []
        for _ in 0..<4 {
            let taken = queue.nextInLane()
            let next = try #require(taken)
            turns.append(next.reply)
            queue.finished([next], busy: [next])
        }
        #expect(turns == [0, 2, 0, 2] || turns == [2, 0, 2, 0])
        for _ in 0..<2 {
            let taken = queue.nextInLane()
            queue.finished([try #require(taken)])
        }
        #expect(queue.nextGroup(now: now).group.map(\.reply) == [1])
    }

    private func fill(_ queue: inout Queue, _ appends: [(StreamID, ExpectedVersion)], from: Int = 0) throws {
        for (index, append) in appends.enumerated() {
            #expect(queue.enqueue(try member(append.0, append.1, reply: from + index)))
        }
    }

    private func member(
        _ stream: StreamID, _ expected: ExpectedVersion, reply: Int, events: Int = 1,
        id: AppendID? = nil, deadline: ContinuousClock.Instant? = nil
    ) throws -> Queue.Member {
        let events = try (0..<events).map { _ in try NewEvent(type: "seat.held", json: "{\"a\":1}") }
        return Queue.Member(
            append: EncodedAppend(StreamAppend(events, to: stream, expecting: expected), id: id), reply: reply,
            deadline: deadline ?? now + .seconds(30))
    }

    private func streams(_ members: [Queue.Member]) -> [String] { members.map(\.append.stream.name) }
}
