import Testing

@testable import Postgres

/// A pool's decisions, as tables.
@Suite
struct PoolStateTests {
    final class Ask {}
    final class Wait {}
    typealias State = PoolState<Ask, Wait>

    let now = ContinuousClock.now
    var later: ContinuousClock.Instant { now + .seconds(60) }

    func limits(_ change: (inout PoolLimits) -> Void = { _ in }) -> PoolLimits {
        var limits = PoolLimits()
        limits.sharedConnections = 2
        limits.exclusiveConnections = 2
        change(&limits)
        return limits
    }

    /// A pool whose shared connections are open.
    func started(_ limits: PoolLimits) -> State {
        var state = State(limits: limits)
        for action in state.start(now: now) {
            if case .open(let id, .shared) = action { _ = state.opened(id, random: 0, now: now) }
        }
        return state
    }

    func opening(_ actions: [State.Action]) -> [ConnectionID] {
        actions.compactMap { if case .open(let id, _) = $0 { id } else { nil } }
    }

    func granted(_ actions: [State.Action]) -> [(waiter: Wait, id: ConnectionID)] {
        actions.compactMap { if case .grant(let waiter, let id) = $0 { (waiter, id) } else { nil } }
    }

    func denied(_ actions: [State.Action]) -> [PostgresError.Code] {
        actions.compactMap {
            switch $0 {
            case .deny(_, let error), .refuse(_, let error): error.code
            default: nil
            }
        }
    }

    @Test func `statements spread over the shared connections`() {
        var state = started(limits())
        var used: [ConnectionID] = []
        for _ in 0..<4 {
            if case .send(let id) = state.place(Ask(), deadline: later, now: now) { used.append(id) }
        }
        #expect(used.count == 4)
        #expect(Set(used).count == 2)
    }

    @Test func `a connection with a stuck statement comes last`() {
        var state = started(limits())
        guard case .send(let stuck) = state.place(Ask(), deadline: later, now: now) else { return }
        let soon = now + .seconds(1)
        for _ in 0..<5 {
            guard case .send(let id) = state.place(Ask(), deadline: later, now: soon) else {
                Issue.record("not placed")
                return
            }
            #expect(id != stuck)
        }
    }

    @Test func `statements wait in order when the pipelines are full, and no more than the limit`() {
        var state = started(limits { ($0.pipelineDepth, $0.waitingRequests) = (1, 2) })
        var sent: [ConnectionID] = []
        let asks = (0..<5).map { _ in Ask() }
        var refused: [PostgresError.Code] = []
        for ask in asks {
            switch state.place(ask, deadline: later, now: now) {
            case .send(let id): sent.append(id)
            case .queued: break
            case .refused(let error): refused.append(error.code)
            }
        }
        #expect(sent.count == 2)
        #expect(refused == [.queueFull])
        let actions = state.advanced(sent[0], inFlight: 0, headSince: nil, now: now)
        guard actions.count == 1, case .send(let next, let id) = actions[0] else {
            Issue.record("nothing was sent")
            return
        }
        #expect(next === asks[2] && id == sent[0])
    }

    @Test func `exclusive connections are opened on demand up to the limit and granted first come, first served`() {
        var state = started(limits())
        let waits = (0..<3).map { _ in Wait() }
        let opened = waits.flatMap { opening(state.lease($0, deadline: later, now: now)) }
        #expect(opened.count == 2)
        let first = granted(state.opened(opened[1], random: 0, now: now))
        #expect(first.count == 1 && first[0].waiter === waits[0])
        let second = granted(state.opened(opened[0], random: 0, now: now))
        #expect(second.count == 1 && second[0].waiter === waits[1])
        let third = granted(state.released(opened[1], now: now))
        #expect(third.count == 1 && third[0].waiter === waits[2] && third[0].id == opened[1])
    }

    @Test func `a caller who waits too long is denied, and those with more time are not`() {
        var state = started(limits())
        _ = state.lease(Wait(), deadline: now + .seconds(1), now: now)
        let patient = Wait()
        let ids = opening(state.lease(patient, deadline: later, now: now))
        #expect(denied(state.tick(now: now + .seconds(2))) == [.poolTimeout])
        let grants = granted(state.opened(ids[0], random: 0, now: now + .seconds(2)))
        #expect(grants.count == 1 && grants[0].waiter === patient)
    }

    @Test func `more callers than the limit are turned away at once`() {
        var state = started(limits { $0.waitingLeases = 1 })
        _ = state.lease(Wait(), deadline: later, now: now)
        #expect(denied(state.lease(Wait(), deadline: later, now: now)) == [.poolExhausted])
    }

    @Test func `a failed attempt is repeated after a pause that grows`() {
        var state = started(limits())
        var id = opening(state.lease(Wait(), deadline: later, now: now))[0]
        var at = now
        var pauses: [Duration] = []
        for _ in 0..<4 {
            _ = state.failedToOpen(id, PostgresError(.connectionFailed, "no"), lasting: false, random: 1, now: at)
            guard case .pausing(let until)? = state.members[id]?.phase else {
                Issue.record("no pause")
                return
            }
            pauses.append(until - at)
            #expect(opening(state.tick(now: until - .milliseconds(1))).isEmpty)
            let next = opening(state.tick(now: until))
            #expect(next.count == 1)
            (id, at) = (next[0], until)
        }
        #expect(pauses == [50, 100, 200, 400].map { .milliseconds($0) })
    }

    @Test func `a lasting failure is told at once, a passing one is waited out`() {
        let error = PostgresError(.connectionFailed, "wrong password")
        var state = started(limits())
        let id = opening(state.lease(Wait(), deadline: later, now: now))[0]
        #expect(denied(state.failedToOpen(id, error, lasting: false, random: 0, now: now)).isEmpty)
        let again = opening(state.tick(now: now + .seconds(1)))
        #expect(denied(state.failedToOpen(again[0], error, lasting: true, random: 0, now: now)) == [.connectionFailed])
    }

    @Test func `a connection that was lost is replaced`() {
        var state = started(limits())
        #expect(opening(state.ended(state.sharedOrder[0], now: now)).count == 1)
        let id = opening(state.lease(Wait(), deadline: later, now: now))[0]
        _ = state.opened(id, random: 0, now: now)
        #expect(opening(state.ended(id, now: now)).isEmpty)
    }

    @Test func `a server that ends connections right away is met with pauses`() {
        var state = started(limits { $0.sharedConnections = 1 })
        var at = now
        var ids = opening(state.ended(state.sharedOrder[0], now: at))
        #expect(ids.count == 1, "the first loss is made good at once")
        _ = state.opened(ids[0], random: 0, now: at)
        #expect(opening(state.ended(ids[0], random: 1, now: at)).isEmpty)
        at += .milliseconds(50)
        ids = opening(state.tick(now: at))
        #expect(ids.count == 1)
        _ = state.opened(ids[0], random: 0, now: at)
        #expect(opening(state.ended(ids[0], now: at + .seconds(2))).count == 1, "one that lived is replaced at once")
    }

    @Test func `health checks do not keep an idle connection for ever`() {
        var state = started(limits())
        let id = opening(state.lease(Wait(), deadline: later, now: now))[0]
        _ = state.opened(id, random: 0, now: now)
        _ = state.released(id, now: now)
        var at = now
        var closes = 0
        while at < now + limits().idleTimeout + .seconds(60) {
            for action in state.tick(now: at) {
                if case .check(id) = action { _ = state.checked(id, now: at) }
                if case .close(id) = action { closes += 1 }
            }
            at += .seconds(10)
        }
        #expect(closes == 1)
    }

    @Test func `aborting does not wait for connections that are being opened`() {
        var state = State(limits: limits())
        let ids = opening(state.start(now: now))
        let actions = state.abort()
        guard case .stopped? = actions.last else {
            Issue.record("the pool waits")
            return
        }
        guard case .close? = state.opened(ids[0], random: 0, now: now).first else {
            Issue.record("a late connection was kept")
            return
        }
    }

    @Test func `an old shared connection is followed by another before it goes`() {
        var state = started(limits())
        let actions = state.tick(now: now + limits().maximumAge)
        #expect(opening(actions).count == 2)
        let closed = actions.compactMap { if case .close(let id) = $0 { id } else { nil } }
        #expect(closed.count == 2)
        for id in closed { #expect(opening(state.ended(id, now: now)).isEmpty) }
    }

    @Test func `the ages of connections are spread`() {
        var state = State(limits: limits())
        let ids = opening(state.start(now: now))
        _ = state.opened(ids[0], random: 0, now: now)
        _ = state.opened(ids[1], random: 1, now: now)
        #expect(state.members[ids[0]]?.tooOldAt == now + .seconds(1800))
        #expect(state.members[ids[1]]?.tooOldAt == now + .seconds(1440))
    }

    @Test func `an idle connection is asked whether it lives before it is given to anybody`() {
        var state = started(limits())
        let id = opening(state.lease(Wait(), deadline: later, now: now))[0]
        _ = state.opened(id, random: 0, now: now)
        _ = state.released(id, now: now)
        let idleSince = now + limits().healthCheckAfter
        let actions = state.tick(now: idleSince)
        guard actions.count == 1, case .check(id) = actions[0] else {
            Issue.record("not checked")
            return
        }
        let wait = Wait()
        #expect(granted(state.lease(wait, deadline: later, now: idleSince)).isEmpty)
        let grants = granted(state.checked(id, now: idleSince))
        #expect(grants.count == 1 && grants[0].waiter === wait)
    }

    @Test func `the gauges tell idle, used and waiting apart`() {
        var state = started(limits { $0.exclusiveConnections = 1 })
        #expect(state.counts == PoolMetrics.Counts(idle: 2, used: 0, pending: 0))
        _ = state.place(Ask(), deadline: later, now: now)
        let id = opening(state.lease(Wait(), deadline: later, now: now))[0]
        #expect(state.counts == PoolMetrics.Counts(idle: 1, used: 1, pending: 1))
        _ = state.opened(id, random: 0, now: now)
        #expect(state.counts == PoolMetrics.Counts(idle: 1, used: 2, pending: 0))
        _ = state.released(id, now: now)
        #expect(state.counts == PoolMetrics.Counts(idle: 2, used: 1, pending: 0))
    }

    @Test func `shutting down turns waiters away and ends when the last connection has`() {
        var state = started(limits())
        let id = opening(state.lease(Wait(), deadline: later, now: now))[0]
        _ = state.opened(id, random: 0, now: now)
        _ = state.lease(Wait(), deadline: later, now: now)
        #expect(denied(state.shutDown()) == [.closed])
        #expect(denied(state.lease(Wait(), deadline: later, now: now)) == [.closed])
        for shared in state.members.keys where shared != id { #expect(state.ended(shared, now: now).isEmpty) }
        guard case .close(id)? = state.released(id, now: now).first else {
            Issue.record("the last connection was kept")
            return
        }
        guard case .stopped? = state.ended(id, now: now).first else {
            Issue.record("the pool did not stop")
            return
        }
    }

    @Test func `a connection that answers a check during the shutdown is closed`() {
        var state = started(limits { $0.sharedConnections = 0 })
        let id = opening(state.lease(Wait(), deadline: later, now: now))[0]
        _ = state.opened(id, random: 0, now: now)
        _ = state.released(id, now: now)
        _ = state.tick(now: now + limits().healthCheckAfter)
        #expect(state.members[id]?.phase == .checking)
        #expect(state.shutDown().isEmpty)
        guard case .close(id)? = state.checked(id, now: now).first else {
            Issue.record("the connection was kept")
            return
        }
        guard case .stopped? = state.ended(id, now: now).first else {
            Issue.record("the pool did not stop")
            return
        }
    }
}
