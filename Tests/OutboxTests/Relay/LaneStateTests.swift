import Testing

@testable import Outbox

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// OB4, OB5, OB7: the rule per key and the cursor, as a table of answers.
@Suite struct LaneStateTests {
    private let start = ContinuousClock.now
    private let a = OrderKey(tenant: "", topic: "t", key: "a")
    private let b = OrderKey(tenant: "", topic: "t", key: "b")

    private func lane(cursor: Int64 = 0, attempts: Int = 3, inHand: Int = 500) -> LaneState {
        let backoff = RelayBackoff(first: .seconds(1), longest: .seconds(8))
        return LaneState(
            cursor: cursor,
            limits: .init(
                attempts: attempts, refusalBackoff: backoff, unknownInHand: 2, unknownBackoff: backoff,
                inHand: inHand))
    }

    private func message(_ key: String, _ version: Int64, at position: Int64) -> OutboundMessage {
        OutboundMessage(
            OutboxMessage(key: key, type: "x", data: []), topic: "t", tenant: "", keyVersion: version,
            position: position,
            recordedAt: Date(timeIntervalSince1970: 0))
    }

    private func answer(_ lane: inout LaneState, _ messages: [OutboundMessage], _ result: PublishResult) {
        lane.answered(messages.map { ($0, result) }, counts: true, now: start, random: 1)
    }

    @Test func `OB4: of a key only the first message is given out until it is acknowledged`() {
        var lane = lane()
        let (a1, a2, b1) = (message("a", 1, at: 1), message("a", 2, at: 2), message("b", 1, at: 3))
        lane.read([a1, a2, b1], mark: 3)
        #expect(lane.next(atMost: 10, now: start) == [a1, b1])
        #expect(lane.next(atMost: 10, now: start).isEmpty)
        answer(&lane, [b1], .acknowledged)
        #expect(lane.next(atMost: 10, now: start).isEmpty, "a's first message is still in flight")
        answer(&lane, [a1], .acknowledged)
        #expect(lane.next(atMost: 10, now: start) == [a2])
        answer(&lane, [a2], .acknowledged)
        #expect(lane.isIdle)
    }

    @Test func `OB5: the cursor stops before the first message that is not acknowledged`() {
        var lane = lane(cursor: 10)
        let (a1, b1, b2) = (message("a", 1, at: 12), message("b", 1, at: 15), message("b", 2, at: 17))
        lane.read([a1, b1, b2], mark: 20)
        #expect(lane.progress()?.position == 11)
        _ = lane.next(atMost: 10, now: start)
        answer(&lane, [b1], .acknowledged)
        #expect(lane.progress()?.position == 11)
        answer(&lane, [a1], .acknowledged)
        #expect(lane.progress()?.position == 16)
        _ = lane.next(atMost: 10, now: start)
        answer(&lane, [b2], .acknowledged)
        #expect(lane.progress() == .init(position: 20, readTo: 20, verdicts: [:]))
    }

    @Test func `OB5: an unknown outcome is sent again and moves nothing`() {
        var lane = lane()
        let a1 = message("a", 1, at: 1)
        lane.read([a1], mark: 1)
        _ = lane.next(atMost: 10, now: start)
        answer(&lane, [a1], .unknown(reason: "timeout"))
        #expect(lane.progress() == nil)
        #expect(lane.next(atMost: 10, now: start).isEmpty)
        #expect(lane.nextSend == start + .seconds(1))
        #expect(lane.next(atMost: 10, now: start + .seconds(1)) == [a1])
    }

    @Test func `OB7: a message whose outcome stays unknown lets the lane go on, and counts no refusal`() {
        var lane = lane()
        let (a1, a2) = (message("a", 1, at: 1), message("a", 2, at: 2))
        lane.read([a1, a2], mark: 2)
        for turn in 0..<2 {
            _ = lane.next(atMost: 10, now: start + .seconds(10 * turn))
            answer(&lane, [a1], .unknown(reason: "timeout"))
        }
        #expect(lane.isIdle)
        let block = LaneState.Verdict.Block(version: 1, attempts: 0, unknowns: 2, reason: "timeout")
        #expect(lane.progress() == .init(position: 2, readTo: 2, verdicts: [a: .retry(block, after: .seconds(2))]))
    }

    @Test func `OB7: a blocked key whose outcome is unknown once more is blocked again at once, and for longer`() {
        var lane = lane(cursor: 9)
        let a4 = message("a", 4, at: 4)
        for (unknowns, seconds) in [(0, 1), (2, 4), (3, 8), (9, 8)] {
            lane.retry([ReadMessage(a4)], counts: [a: .init(attempts: 1, unknowns: unknowns)])
            #expect(lane.next(atMost: 10, now: start) == [a4])
            answer(&lane, [a4], .unknown(reason: "timeout"))
            #expect(lane.isIdle, "it occupies one call")
            let block = LaneState.Verdict.Block(version: 4, attempts: 1, unknowns: unknowns + 1, reason: "timeout")
            #expect(lane.progress()?.verdicts == [a: .retry(block, after: .seconds(seconds))])
        }
    }

    @Test
    func `OB7: keys without an answer and blocked keys are sent apart from the others, in either order or not at all`()
    {
        let (silent, sound) = (message("a", 1, at: 10), message("c", 1, at: 11))
        let blocked = message("b", 4, at: 4)
        func ready() -> LaneState {
            var lane = self.lane(cursor: 9)
            lane.read([silent], mark: 10)
            _ = lane.next(atMost: 10, now: start)
            answer(&lane, [silent], .unknown(reason: "timeout"))
            lane.retry([blocked], attempts: [:])
            lane.read([sound], mark: 11)
            return lane
        }
        let later = start + .seconds(1)
        var first = ready()
        #expect(first.next(atMost: 10, now: later, suspects: .first) == [silent, blocked])
        #expect(first.isSuspect(silent) && first.isSuspect(blocked) && !first.isSuspect(sound))
        #expect(first.next(atMost: 10, now: later, suspects: .first) == [sound])
        var last = ready()
        #expect(last.next(atMost: 10, now: later, suspects: .last) == [sound])
        #expect(last.next(atMost: 10, now: later, suspects: .last) == [silent, blocked])
        var no = ready()
        #expect(no.next(atMost: 10, now: later, suspects: .no) == [sound])
        #expect(no.next(atMost: 10, now: later, suspects: .no).isEmpty)
    }

    @Test func `OB4: a blocked key that is in hand is not taken a second time`() {
        var lane = lane(cursor: 9)
        let (a4, a5) = (message("a", 4, at: 4), message("a", 5, at: 6))
        lane.retry([a4, a5], attempts: [:])
        _ = lane.next(atMost: 10, now: start)
        lane.retry([a4, a5], attempts: [:])
        answer(&lane, [a4], .acknowledged)
        #expect(lane.next(atMost: 10, now: start) == [a5])
        answer(&lane, [a5], .acknowledged)
        #expect(lane.isIdle)
    }

    @Test func `OB7: the lane is read on while the hand is at most half full, and not counting blocked keys`() {
        var lane = lane(inHand: 4)
        #expect(lane.room == 4 && lane.hasRoom)
        lane.read((1...3).map { message("a", $0, at: $0) }, mark: 3)
        #expect(lane.room == 1 && !lane.hasRoom)
        lane.retry((1...9).map { message("b", $0, at: $0) }, attempts: [:])
        #expect(lane.room == 1)
        _ = lane.next(atMost: 10, now: start, suspects: .no)
        answer(&lane, [message("a", 1, at: 1)], .acknowledged)
        #expect(lane.room == 2 && lane.hasRoom)
    }

    @Test func `OB7: a key without an answer that fills half of the hand is blocked at once`() {
        var lane = lane(inHand: 4)
        let waiting = (1...3).map { message("a", $0, at: $0) }
        lane.read(waiting, mark: 3)
        _ = lane.next(atMost: 10, now: start)
        answer(&lane, [waiting[0]], .unknown(reason: "timeout"))
        #expect(lane.isIdle && lane.hasVerdicts)
        let block = LaneState.Verdict.Block(version: 1, attempts: 0, unknowns: 1, reason: "timeout")
        #expect(lane.progress()?.verdicts == [a: .retry(block, after: .seconds(1))])
    }

    @Test func `OB7: a refused message blocks its own key with the cursor's move, and no other key`() {
        var lane = lane()
        let (a1, a2, b1) = (message("a", 1, at: 1), message("a", 2, at: 2), message("b", 1, at: 3))
        lane.read([a1, a2, b1], mark: 5)
        _ = lane.next(atMost: 10, now: start)
        answer(&lane, [a1], .refused(reason: "no"))
        #expect(lane.next(atMost: 10, now: start).isEmpty, "a's second message must not pass its first")
        answer(&lane, [b1], .acknowledged)
        #expect(lane.isIdle)
        let block = LaneState.Verdict.Block(version: 1, attempts: 1, reason: "no")
        #expect(lane.progress() == .init(position: 5, readTo: 5, verdicts: [a: .retry(block, after: .seconds(1))]))
    }

    @Test func `a key is parked when its message was refused as often as is allowed`() {
        var lane = lane(cursor: 9, attempts: 3)
        let a4 = message("a", 4, at: 4)
        lane.retry([a4], attempts: [a: 2])
        _ = lane.next(atMost: 10, now: start)
        answer(&lane, [a4], .refused(reason: "no"))
        let block = LaneState.Verdict.Block(version: 4, attempts: 3, reason: "no")
        #expect(lane.progress() == .init(position: 9, readTo: 9, verdicts: [a: .park(block)]))
    }

    @Test func `a blocked key's progress is written message by message, and its refusals count anew for the next`() {
        var lane = lane(cursor: 9, attempts: 3)
        let (a4, a5) = (message("a", 4, at: 4), message("a", 5, at: 6))
        lane.retry([a4, a5], attempts: [a: 2])
        _ = lane.next(atMost: 10, now: start)
        answer(&lane, [a4], .acknowledged)
        #expect(lane.progress()?.verdicts == [a: .free(from: 5)])
        _ = lane.next(atMost: 10, now: start)
        answer(&lane, [a5], .refused(reason: "no"))
        let block = LaneState.Verdict.Block(version: 5, attempts: 1, reason: "no")
        #expect(lane.progress()?.verdicts == [a: .retry(block, after: .seconds(1))])
    }

    @Test func `a blocked key in hand does not hold the cursor, which is past it already`() {
        var lane = lane(cursor: 9)
        lane.retry([message("a", 4, at: 4)], attempts: [:])
        lane.read([message("b", 1, at: 12)], mark: 14)
        #expect(lane.progress()?.position == 11)
    }

    @Test func `OB7: a sink that cannot be reached counts against nobody and gives everything back`() {
        var lane = lane()
        let (a1, b1) = (message("a", 1, at: 1), message("b", 1, at: 2))
        lane.read([a1, b1], mark: 2)
        for _ in 0..<50 {
            let batch = lane.next(atMost: 10, now: start)
            #expect(batch == [a1, b1])
            lane.failed(batch)
        }
        #expect(lane.progress() == nil)
        #expect(lane.inFlight == 0)
    }

    @Test func `OB7: while the sink is paused, a wait of one message that is over is no reason to look again`() {
        var lane = lane()
        let (a1, b1) = (message("a", 1, at: 1), message("b", 1, at: 2))
        lane.read([a1, b1], mark: 2)
        _ = lane.next(atMost: 10, now: start)
        answer(&lane, [a1, b1], .unknown(reason: "timeout"))
        let (over, pause) = (start + .seconds(1), start + .seconds(20))
        #expect(lane.nextTurn(pausedUntil: pause) == pause)
        #expect(lane.nextTurn(pausedUntil: nil) == over)
        let batch = lane.next(atMost: 10, now: over)
        lane.failed(batch)
        #expect(lane.nextTurn(pausedUntil: nil) == nil, "who was sent has waited")
    }

    @Test func `unknown outcomes do not count while the sink itself is suspected`() {
        var lane = lane()
        let a1 = message("a", 1, at: 1)
        lane.read([a1], mark: 1)
        for _ in 0..<10 {
            #expect(lane.next(atMost: 10, now: start) == [a1])
            lane.answered([(a1, .unknown(reason: "timeout"))], counts: false, now: start, random: 1)
        }
        #expect(lane.progress() == nil)
    }

    @Test func `what is written is not written again, and what came meanwhile still is`() throws {
        var lane = lane()
        let (a1, b1) = (message("a", 1, at: 1), message("b", 1, at: 2))
        lane.read([a1, b1], mark: 2)
        _ = lane.next(atMost: 10, now: start)
        answer(&lane, [a1], .refused(reason: "no"))
        let first = try #require(lane.progress())
        answer(&lane, [b1], .refused(reason: "no"))
        lane.written(first)
        #expect(lane.cursor == 1)
        #expect(lane.progress()?.verdicts.keys.sorted() == [b])
    }

    @Test func `OB7: a message that can't be read parks its key when its turn comes, and no other key`() {
        var lane = lane()
        let (a1, b1, b2) = (message("a", 1, at: 1), message("b", 1, at: 3), message("b", 2, at: 4))
        let unreadable = ReadMessage(unreadable: a, keyVersion: 2, position: 2, reason: "no time")
        lane.read(
            [ReadMessage(a1), unreadable, ReadMessage(message("a", 3, at: 5))] + [b1, b2].map { ReadMessage($0) },
            mark: 5)
        #expect(lane.next(atMost: 10, now: start) == [a1, b1])
        #expect(lane.progress() == nil)
        answer(&lane, [a1, b1], .acknowledged)
        #expect(lane.next(atMost: 10, now: start) == [b2], "nothing passes what can't be read")
        answer(&lane, [b2], .acknowledged)
        #expect(lane.isIdle && lane.hasNews)
        let block = LaneState.Verdict.Block(version: 2, attempts: 0, reason: "no time")
        #expect(lane.progress() == .init(position: 5, readTo: 5, verdicts: [a: .park(block)]))
    }

    @Test func `a lane in which nothing can be read goes on, and has that to write`() {
        var lane = lane()
        lane.read([ReadMessage(unreadable: a, keyVersion: 1, position: 2, reason: "no time")], mark: 2)
        #expect(lane.isIdle && lane.hasNews)
        #expect(lane.progress()?.verdicts.keys.sorted() == [a])
    }
}

extension LaneState {
    fileprivate mutating func read(_ messages: [OutboundMessage], mark: Int64) {
        read(messages.map { ReadMessage($0) }, mark: mark)
    }

    fileprivate mutating func retry(_ messages: [OutboundMessage], attempts: [OrderKey: Int]) {
        retry(messages.map { ReadMessage($0) }, counts: attempts.mapValues { Counts(attempts: $0) })
    }
}
