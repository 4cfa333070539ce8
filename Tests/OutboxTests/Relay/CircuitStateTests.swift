import Testing

@testable import Outbox

/// OB7: when a relay pauses for its sink, and that a few keys without an answer do not make it pause.
@Suite struct CircuitStateTests {
    private let start = ContinuousClock.now

    private func circuit() -> CircuitState {
        CircuitState(backoff: RelayBackoff(first: .seconds(1), longest: .seconds(8)), suspicious: 3)
    }

    private func key(_ name: String) -> OrderKey { OrderKey(tenant: "", topic: "t", key: name) }

    @Test func `a sink that cannot be reached opens it, for longer each time, and one probe goes through`() {
        var circuit = circuit()
        var now = start
        for pause in [1, 2, 4, 8, 8] {
            #expect(circuit.admit(now: now, patience: .seconds(1)) == nil)
            circuit.failed(now: now, random: 1)
            let until = now + .seconds(pause)
            #expect(circuit.phase == .open(until: until))
            #expect(circuit.admit(now: until - .milliseconds(1), patience: .seconds(1)) == until)
            now = until
        }
        #expect(circuit.admit(now: now, patience: .seconds(1)) == nil)
        #expect(circuit.admit(now: now, patience: .seconds(1)) == now + .seconds(1), "only one probe at a time")
        _ = circuit.answered(acknowledged: 1, refused: 0, unknown: [], now: now, random: 1)
        #expect(circuit.phase == .closed)
        circuit.failed(now: now, random: 1)
        #expect(circuit.phase == .open(until: now + .seconds(1)), "an answer starts the pauses anew")
    }

    @Test func `calls that fail together count once`() {
        var circuit = circuit()
        for _ in 0..<4 { circuit.failed(now: start, random: 1) }
        #expect(circuit.failures == 1)
    }

    @Test func `a refusal is an answer`() {
        var circuit = circuit()
        circuit.failed(now: start, random: 1)
        _ = circuit.admit(now: start + .seconds(1), patience: .seconds(1))
        #expect(circuit.answered(acknowledged: 0, refused: 1, unknown: [], now: start + .seconds(1), random: 1) == true)
        #expect(circuit.phase == .closed)
    }

    @Test func `one key that never gets an answer does not open it`() {
        var circuit = circuit()
        for _ in 0..<20 {
            #expect(circuit.answered(acknowledged: 0, refused: 0, unknown: [key("a")], now: start, random: 1) == true)
        }
        #expect(circuit.phase == .closed)
    }

    @Test func `many keys in a row without an answer open it and do not count`() {
        var circuit = circuit()
        #expect(
            circuit.answered(acknowledged: 0, refused: 0, unknown: [key("a"), key("b")], now: start, random: 1) == true)
        #expect(circuit.answered(acknowledged: 0, refused: 0, unknown: [key("c")], now: start, random: 1) == false)
        #expect(circuit.phase == .open(until: start + .seconds(1)))
    }

    @Test func `an answer for others in between makes unknown outcomes the keys' own`() {
        var circuit = circuit()
        for name in ["a", "b", "c", "d", "e"] {
            #expect(circuit.answered(acknowledged: 1, refused: 0, unknown: [key(name)], now: start, random: 1) == true)
        }
        #expect(circuit.phase == .closed)
    }

    @Test func `a key that fails the probe counts, or its lane would never go on`() {
        var circuit = circuit()
        circuit.failed(now: start, random: 1)
        let probe = start + .seconds(1)
        #expect(circuit.admit(now: probe, patience: .seconds(1)) == nil)
        #expect(circuit.answered(acknowledged: 0, refused: 0, unknown: [key("a")], now: probe, random: 1) == true)
        #expect(circuit.phase == .open(until: probe + .seconds(2)))
    }

    @Test func `a probe that nobody makes leaves the way free for another`() {
        var circuit = circuit()
        circuit.failed(now: start, random: 1)
        let now = start + .seconds(1)
        #expect(circuit.admit(now: now, patience: .seconds(1)) == nil)
        circuit.probeGivenUp(now: now)
        #expect(circuit.admit(now: now, patience: .seconds(1)) == nil)
    }
}
