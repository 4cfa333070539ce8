import Testing

@testable import Postgres

@Suite
struct ListenerStateTests {
    final class Ear {}
    typealias State = ListenerState<Ear>

    let now = ContinuousClock.now

    /// A state that listens on the ear's channels.
    func listening(_ ear: Ear, _ channels: Set<String>) -> State {
        var state = State(backoff: Backoff())
        _ = state.subscribe(ear, to: channels)
        _ = state.opened()
        _ = state.subscribed()
        return state
    }

    func told(_ actions: [State.Action]) -> [Ear] {
        actions.flatMap { action -> [Ear] in if case .resubscribed(let ears) = action { ears } else { [] } }
    }

    @Test func `the first subscriber opens the connection and is told when the server listens`() {
        let ear = Ear()
        var state = State(backoff: Backoff())
        guard case .open? = state.subscribe(ear, to: ["b", "a"]).first else {
            Issue.record("not opened")
            return
        }
        guard case .listen(["a", "b"])? = state.opened().first else {
            Issue.record("not listened")
            return
        }
        #expect(state.subscribers(of: "a").isEmpty)
        let ears = told(state.subscribed())
        #expect(ears.count == 1 && ears[0] === ear)
        #expect(state.subscribers(of: "a").count == 1)
        #expect(state.subscribers(of: "c").isEmpty)
    }

    @Test func `a newcomer whose channels are listened to already is told at once, and alone`() {
        let newcomer = Ear()
        var state = listening(Ear(), ["a"])
        let ears = told(state.subscribe(newcomer, to: ["a"]))
        #expect(ears.count == 1 && ears[0] === newcomer)
    }

    @Test func `whoever comes while the server is being told is not forgotten`() {
        let (first, second) = (Ear(), Ear())
        var state = State(backoff: Backoff())
        _ = state.subscribe(first, to: ["a"])
        _ = state.opened()
        #expect(state.subscribe(second, to: ["b"]).isEmpty)
        guard case .listen(["b"])? = state.subscribed().first else {
            Issue.record("b was forgotten")
            return
        }
        #expect(told(state.subscribed()).count == 2)
    }

    @Test func `after a loss everybody is told again`() {
        var state = listening(Ear(), ["a"])
        _ = state.subscribe(Ear(), to: ["a"])
        state.lost(random: 1, now: now)
        #expect(state.subscribers(of: "a").isEmpty)
        #expect(state.tick(now: now).isEmpty)
        guard let wake = state.nextWake, case .open? = state.tick(now: wake).first else {
            Issue.record("not opened again")
            return
        }
        _ = state.opened()
        #expect(told(state.subscribed()).count == 2)
    }

    @Test func `the last one to leave closes the connection`() {
        let (one, two) = (Ear(), Ear())
        var state = listening(one, ["a"])
        _ = state.subscribe(two, to: ["b"])
        _ = state.subscribed()
        guard case .unlisten(["a"])? = state.unsubscribe(one).first else {
            Issue.record("a is still listened to")
            return
        }
        guard case .close? = state.unsubscribe(two).first else {
            Issue.record("the connection was kept")
            return
        }
        #expect(state.phase == .off)
        state.lost(random: 0, now: now)
        #expect(state.nextWake == nil)
    }
}
