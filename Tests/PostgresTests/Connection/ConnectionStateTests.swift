import Testing

@testable import Postgres

/// A connection's decisions, as tables: no database, no clock, no libpq.
@Suite
struct ConnectionStateTests {
    final class Ask {}
    typealias State = ConnectionState<Ask, String>

    let now = ContinuousClock.now
    var later: ContinuousClock.Instant { now + .seconds(30) }

    /// A state with one simple statement sent for each ask.
    func sending(_ asks: [Ask], role: State.Role = .shared) -> State {
        var state = State(role: role, limits: ConnectionLimits())
        for ask in asks { send(ask, &state) }
        return state
    }

    func send(_ ask: Ask, _ state: inout State) {
        guard case .send(let sent) = state.submit(ask, deadline: later, now: now), sent === ask else {
            Issue.record("the request was not sent")
            return
        }
        state.queue(.execute(statement: nil))
        state.queue(.sync)
    }

    /// Plays the results of one successful statement.
    func answer(_ state: inout State, _ output: String) -> State.Entry? {
        _ = state.received(.output(output), now: now)
        _ = state.received(.end, now: now)
        guard case .completed(let entry) = state.received(.sync, now: now) else { return nil }
        return entry
    }

    @Test func `requests are answered in the order in which they were sent`() {
        let (a, b) = (Ask(), Ask())
        var state = sending([a, b])
        let first = answer(&state, "a")
        let second = answer(&state, "b")
        #expect(first?.request === a && first?.firstOutput == "a")
        #expect(second?.request === b && second?.firstOutput == "b")
        #expect(state.inFlightCount == 0)
    }

    @Test func `an answer counts at its Sync only`() {
        var state = sending([Ask()])
        #expect(state.received(.output("x"), now: now).isNothing)
        #expect(state.received(.end, now: now).isNothing)
        #expect(state.inFlightCount == 1)
    }

    @Test func `the failure of one request leaves the next one alone`() {
        let (a, b) = (Ask(), Ask())
        var state = sending([a, b])
        _ = state.received(.failure(PostgresError(.server, "no")), now: now)
        _ = state.received(.end, now: now)
        guard case .completed(let failed) = state.received(.sync, now: now) else {
            Issue.record("not completed")
            return
        }
        #expect(failed.request === a && failed.error?.message == "no")
        #expect(answer(&state, "b")?.error == nil)
    }

    @Test func `a failed prepare fails its request and is forgotten`() {
        var state = State(role: .shared, limits: ConnectionLimits())
        _ = state.submit(Ask(), deadline: later, now: now)
        state.queue(.prepare(statement: 7))
        state.queue(.execute(statement: 7))
        state.queue(.sync)
        guard case .forget(7) = state.received(.failure(PostgresError(.server, "syntax")), now: now) else {
            Issue.record("the statement was not forgotten")
            return
        }
        _ = state.received(.end, now: now)
        #expect(state.received(.aborted, now: now).isNothing)
        _ = state.received(.end, now: now)
        guard case .completed(let entry) = state.received(.sync, now: now) else {
            Issue.record("not completed")
            return
        }
        #expect(entry.error?.message == "syntax")
    }

    @Test func `an error at the Sync itself is the request's error`() {
        var state = sending([Ask()])
        _ = state.received(.output("x"), now: now)
        _ = state.received(.end, now: now)
        _ = state.received(.failure(PostgresError(.server, "deferred")), now: now)
        #expect(state.received(.end, now: now).isNothing)
        guard case .completed(let entry) = state.received(.sync, now: now) else {
            Issue.record("not completed")
            return
        }
        #expect(entry.error?.message == "deferred")
    }

    @Test func `on a shared connection a cancelled request is answered at once and its results are dropped`() {
        let (a, b) = (Ask(), Ask())
        var state = sending([a, b])
        guard case .answerAbandoned = state.giveUp(a, because: .taskCancelled, now: now) else {
            Issue.record("not abandoned")
            return
        }
        let dropped = answer(&state, "a")
        guard case .abandoned? = dropped?.fate else {
            Issue.record("the results were kept")
            return
        }
        #expect(dropped?.firstOutput == nil)
        #expect(answer(&state, "b")?.firstOutput == "b")
    }

    @Test func `on an exclusive connection nothing is sent before a cancel has settled`() {
        let (a, b) = (Ask(), Ask())
        var state = sending([a], role: .exclusive)
        guard case .sendCancel = state.giveUp(a, because: .deadline, now: now) else {
            Issue.record("the server was not asked to cancel")
            return
        }
        guard case .held = state.submit(b, deadline: later, now: now) else {
            Issue.record("sent into a cancel")
            return
        }
        // The statement ends before the cancel request is delivered: what comes next could still be hit.
        #expect(answer(&state, "a")?.request === a)
        #expect(state.next(now: now) == nil)
        state.cancelDelivered(now: now)
        guard case .sendBarrier? = state.next(now: now) else {
            Issue.record("no round trip took the late signal")
            return
        }
        state.queue(.sync)
        #expect(state.next(now: now) == nil)
        guard case .completed(let barrier) = state.received(.sync, now: now), barrier.request == nil else {
            Issue.record("the barrier was not passed")
            return
        }
        guard case .send(let sent)? = state.next(now: now) else {
            Issue.record("the held request was forgotten")
            return
        }
        #expect(sent === b)
    }

    @Test func `a cancel that came too early is sent again, and in the end the connection is closed`() {
        let a = Ask()
        let limits = ConnectionLimits()
        var state = sending([a], role: .exclusive)
        _ = state.giveUp(a, because: .taskCancelled, now: now)
        state.cancelDelivered(now: now)
        #expect(state.overdue(now: now).isNothing)
        guard case .sendCancel = state.overdue(now: now + limits.cancelRepeat) else {
            Issue.record("the cancel was not repeated")
            return
        }
        guard case .close(let error) = state.overdue(now: now + limits.cancelSettling) else {
            Issue.record("the connection was kept")
            return
        }
        #expect(error.outcome == .unknown)
    }

    @Test func `a request that was held is answered as not sent`() {
        let (a, b) = (Ask(), Ask())
        var state = sending([a], role: .exclusive)
        _ = state.giveUp(a, because: .taskCancelled, now: now)
        _ = state.submit(b, deadline: later, now: now)
        guard case .answerUnsent = state.giveUp(b, because: .taskCancelled, now: now) else {
            Issue.record("taken for sent")
            return
        }
    }

    @Test func `when the connection is lost what was sent is told apart from what was not`() {
        let (a, b, c) = (Ask(), Ask(), Ask())
        var state = sending([a, b], role: .exclusive)
        _ = state.submit(c, outside: true, deadline: later, now: now)
        let waiting = state.close()
        #expect(waiting.map(\.sent) == [true, true, false])
        #expect(waiting.map { ObjectIdentifier($0.request) } == [a, b, c].map { ObjectIdentifier($0) })
        guard case .refused = state.submit(Ask(), deadline: later, now: now) else {
            Issue.record("a closed connection took a request")
            return
        }
    }

    @Test func `a deadline abandons on a shared connection and cancels on an exclusive one`() {
        let a = Ask()
        var shared = sending([a])
        #expect(shared.overdue(now: now).isNothing)
        guard case .answer(let answers) = shared.overdue(now: later) else {
            Issue.record("the deadline was missed")
            return
        }
        #expect(answers.count == 1 && answers[0].request === a && answers[0].sent)
        var exclusive = sending([a], role: .exclusive)
        guard case .sendCancel = exclusive.overdue(now: later) else {
            Issue.record("the deadline was missed")
            return
        }
    }

    @Test func `what must not be cancelled closes its connection when the deadline passes`() {
        var state = State(role: .exclusive, limits: ConnectionLimits())
        _ = state.submit(Ask(), isCancellable: false, deadline: later, now: now)
        state.queue(.execute(statement: nil))
        state.queue(.sync)
        guard case .close(let error) = state.overdue(now: later) else {
            Issue.record("a commit was cancelled")
            return
        }
        #expect(error.outcome == .unknown)
    }

    @Test func `a shared connection whose first request is stuck is taken for dead`() {
        var state = sending([Ask()])
        guard case .close = state.overdue(now: now + ConnectionLimits().sharedHead) else {
            Issue.record("the connection was kept")
            return
        }
    }

    @Test func `a script waits for the pipeline to be empty and others wait for the script`() {
        let (a, script, b) = (Ask(), Ask(), Ask())
        var state = sending([a], role: .exclusive)
        #expect(state.submit(script, outside: true, deadline: later, now: now).isHeld)
        #expect(state.submit(b, deadline: later, now: now).isHeld)
        #expect(answer(&state, "a")?.request === a)
        guard case .sendOutside(let sent)? = state.next(now: now), sent === script else {
            Issue.record("the script was not sent")
            return
        }
        #expect(state.next(now: now) == nil)
        _ = state.received(.output("1"), now: now)
        _ = state.received(.output("2"), now: now)
        guard case .completed(let entry) = state.received(.end, now: now) else {
            Issue.record("the script has no end")
            return
        }
        #expect(entry.firstOutput == "1" && entry.outputs == ["2"])
        guard case .send(let next)? = state.next(now: now) else {
            Issue.record("nothing came after the script")
            return
        }
        #expect(next === b)
    }

    @Test func `a result that nobody asked for is a violation`() {
        var state = State(role: .shared, limits: ConnectionLimits())
        guard case .violation = state.received(.output("x"), now: now) else {
            Issue.record("taken")
            return
        }
        state = sending([Ask()])
        guard case .violation = state.received(.sync, now: now) else {
            Issue.record("a Sync was taken before its statement's end")
            return
        }
    }
}

extension ConnectionState.Reaction {
    var isNothing: Bool { if case .nothing = self { true } else { false } }
}

extension ConnectionState.Overdue {
    var isNothing: Bool { if case .nothing = self { true } else { false } }
}

extension ConnectionState.Submission {
    var isHeld: Bool { if case .held = self { true } else { false } }
}
