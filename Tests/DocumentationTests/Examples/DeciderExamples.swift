import Skald
// docs: given when then
import SkaldTesting
import Testing

// docs: end

@Suite struct DeciderExamples {
    // docs: given when then
    @Test func `a held seat cannot be held by somebody else`() {
        given(Seat(), .held(by: "Ann")).when(.hold(by: "Bob")).then(throws: .taken)
    }

    @Test func `asking again for one's own seat changes nothing`() {
        given(Seat(), .held(by: "Ann")).when(.hold(by: "Ann")).then()
    }
    // docs: end

    @Test func `a command is executed, and refused with the decider's own error`() async throws {
        let store = InMemoryEventStore()
        // docs: execute
        let held = try await store.execute(.hold(by: "Ann"), by: Seat(), on: "A1")
        print(held.state ?? "nobody", held.attempts)

        do {
            try await store.execute(.hold(by: "Bob"), by: Seat(), on: "A1")
        } catch Seat.Refusal.taken {
            print("taken, and nothing was appended")
        }
        // docs: end
        #expect(held.state == "Ann")
        #expect(try await store.load(Seat(), on: "A1").version == 0)
    }

    @Test func `events of an older form are read as today's`() async throws {
        let store = InMemoryEventStore()
        try await store.append(
            [NewEvent(type: "gate.opened", json: "{}"), NewEvent(type: "gate.shut", json: #"{"guard":"Ann"}"#)],
            to: "gate-1", expecting: .noStream)
        var events: [GateEvent] = []
        for try await gate in store.read("gate-1").decoded(as: GateEvent.self) { events.append(gate.event) }
        #expect(events == [.opened(by: "unknown"), .closed(by: "Ann")])
    }
}

// docs: upcasts
enum GateEvent: Event, Equatable {
    static let category: StreamCategory = "gate"
    case opened(by: String)
    case closed(by: String)

    static let upcasts: [Upcast<Self>] = [
        Upcast("opened", as: Opened.self) { .opened(by: $0.by ?? "unknown") },  // once it had no "by"
        Upcast("shut", as: Shut.self) { .closed(by: $0.guard) },  // once it had another name
    ]
    private struct Opened: Decodable { let by: String? }
    private struct Shut: Decodable { let `guard`: String }
}
// docs: end
