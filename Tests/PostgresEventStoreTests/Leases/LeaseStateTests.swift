import Testing

@testable import PostgresEventStore

/// X2, X3: what an owner may believe about its leases, as a table of events and answers.
@Suite struct LeaseStateTests {
    private let start = ContinuousClock.now
    private let units = ["u/0", "u/1", "u/2", "u/3", "u/4"]

    private func state() -> LeaseState {
        LeaseState(units: units, duration: .seconds(10), margin: .seconds(1))
    }

    private func key(_ unit: String, _ epoch: Int64 = 1) -> LeaseState.Key {
        .init(unit: unit, epoch: Epoch(rawValue: epoch))
    }

    @Test func `validity counts from when the acquisition was sent and ends a margin early`() {
        var state = state()
        let actions = state.acquired([key("u/0")], sent: start, now: start + .seconds(3))
        #expect(actions == [.gained(key("u/0"), validUntil: start + .seconds(9))])
        #expect(state.epoch(of: "u/0", now: start + .milliseconds(8_999)) == Epoch(rawValue: 1))
        #expect(state.epoch(of: "u/0", now: start + .seconds(9)) == nil)
    }

    @Test func `an acquisition whose answer comes after its end is given back and never used`() {
        var state = state()
        #expect(state.acquired([key("u/0")], sent: start, now: start + .seconds(9)).isEmpty)
        #expect(state.toRelease == [key("u/0")])
        #expect(state.epoch(of: "u/0", now: start + .seconds(9)) == nil)
    }

    @Test func `a lease that nobody renewed ends on the owner's own clock`() {
        var state = state()
        _ = state.acquired([key("u/0"), key("u/1")], sent: start, now: start)
        _ = state.renewed(asked: [key("u/1")], confirmed: [key("u/1")], sent: start + .seconds(5))
        #expect(state.expire(now: start + .milliseconds(8_999)).isEmpty)
        #expect(state.expire(now: start + .seconds(9)) == [.lost(key("u/0"), .ended)])
        #expect(state.expire(now: start + .seconds(14)) == [.lost(key("u/1"), .ended)])
    }

    @Test func `a renewal counts from when it was sent`() {
        var state = state()
        _ = state.acquired([key("u/0")], sent: start, now: start)
        let actions = state.renewed(asked: [key("u/0")], confirmed: [key("u/0")], sent: start + .seconds(2))
        #expect(actions == [.renewed(key("u/0"), validUntil: start + .seconds(11))])
    }

    @Test func `a renewal that the database does not confirm is a loss`() {
        var state = state()
        _ = state.acquired([key("u/0"), key("u/1")], sent: start, now: start)
        let actions = state.renewed(
            asked: [key("u/0"), key("u/1")], confirmed: [key("u/1")], sent: start + .seconds(2))
        #expect(actions.contains(.lost(key("u/0"), .taken)))
        #expect(state.epoch(of: "u/0", now: start + .seconds(2)) == nil)
        #expect(state.epoch(of: "u/1", now: start + .seconds(2)) == Epoch(rawValue: 1))
    }

    @Test func `a renewal that comes after the end revives nothing and is given back`() {
        var state = state()
        _ = state.acquired([key("u/0")], sent: start, now: start)
        _ = state.expire(now: start + .seconds(9))
        let actions = state.renewed(asked: [key("u/0")], confirmed: [key("u/0")], sent: start + .seconds(8))
        #expect(actions.isEmpty)
        #expect(state.epoch(of: "u/0", now: start + .seconds(9)) == nil)
        #expect(state.toRelease == [key("u/0")])
    }

    @Test(arguments: [
        (members: 1, places: [5]), (2, [3, 2]), (3, [2, 2, 1]), (5, [1, 1, 1, 1, 1]), (7, [1, 1, 1, 1, 1, 0, 0]),
    ])
    func `units are shared out evenly and completely`(members: Int, places: [Int]) {
        let counts = (0..<members).map { place in
            var state = state()
            return state.share(members: members, place: place).acquire
        }
        #expect(counts == places)
    }

    @Test func `who has more than its share hands the surplus on, once`() {
        var state = state()
        _ = state.acquired(units.map { key($0) }, sent: start, now: start)
        let first = state.share(members: 2, place: 1)
        #expect(first.acquire == 0)
        #expect(first.actions == [.stop(key("u/2")), .stop(key("u/3")), .stop(key("u/4"))])
        #expect(state.share(members: 2, place: 1).actions.isEmpty)
        state.finished(key("u/3"))
        #expect(state.toRelease == [key("u/3")])
        #expect(state.share(members: 2, place: 1).acquire == 0)
    }

    @Test func `shutting down takes nothing more, stops all work, and is over when everything is given back`() {
        var state = state()
        _ = state.acquired([key("u/0")], sent: start, now: start)
        #expect(state.shutDown() == [.stop(key("u/0"))])
        #expect(state.shutDown().isEmpty)
        #expect(state.share(members: 1, place: 0).acquire == 0)
        #expect(state.acquired([key("u/1")], sent: start, now: start).isEmpty)
        #expect(!state.isEmpty)
        state.finished(key("u/0"))
        #expect(state.toRelease == [key("u/0"), key("u/1")])
        state.released([key("u/0"), key("u/1")])
        #expect(state.isEmpty)
    }

    @Test func `the end of an older lease's work does not give the newer one back`() {
        var state = state()
        _ = state.acquired([key("u/0", 1)], sent: start, now: start)
        _ = state.expire(now: start + .seconds(9))
        _ = state.acquired([key("u/0", 3)], sent: start + .seconds(10), now: start + .seconds(10))
        state.finished(key("u/0", 1))
        #expect(state.epoch(of: "u/0", now: start + .seconds(11)) == Epoch(rawValue: 3))
        #expect(state.toRelease.isEmpty)
    }
}
