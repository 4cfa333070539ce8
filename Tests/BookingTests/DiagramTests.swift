import EventSourcing
import Sagas
import Testing

@testable import Booking

struct DiagramTests {
    @Test func `the saga that books is drawn as it is meant`() throws {
        #expect(
            try BookTrip(trips: InMemoryEventStore()).mermaid() == """
                flowchart TD
                    begin(["book-trip v1"])
                    s0["open-trip"]
                    s1["hold-seat<br/>to inventory"]
                    s2["hold-room<br/>to inventory<br/>when"]
                    s3["authorise-card<br/>to payments"]
                    s4{{"capture-payment<br/>to payments<br/>pivot"}}
                    s5["sell-seat<br/>to inventory<br/>retriable"]
                    s6["sell-room<br/>to inventory<br/>when<br/>retriable"]
                    s7["confirm-trip<br/>retriable"]
                    s8["send-confirmation<br/>to notifications<br/>retriable"]
                    u0["undo open-trip"]:::undo
                    u1["undo hold-seat"]:::undo
                    u2["undo hold-room"]:::undo
                    u3["undo authorise-card"]:::undo
                    completed([completed])
                    compensated([compensated])
                    begin --> s0
                    s0 --> s1
                    s1 --> s2
                    s2 --> s3
                    s3 --> s4
                    s4 --> s5
                    s5 --> s6
                    s6 --> s7
                    s7 --> s8
                    s8 --> completed
                    s0 -. fails .-> u0
                    s1 -. fails .-> u1
                    s2 -. fails .-> u2
                    s3 -. fails .-> u3
                    s4 -. refused .-> u3
                    u3 -.-> u2
                    u2 -.-> u1
                    u1 -.-> u0
                    u0 -.-> compensated
                    classDef undo stroke-dasharray: 5 5

                """)
    }

    @Test func `the saga that cancels is drawn as it is meant`() throws {
        #expect(
            try CancelTrip(trips: InMemoryEventStore()).mermaid() == """
                flowchart TD
                    begin(["cancel-trip v1"])
                    s0["begin-cancelling"]
                    s1{{"refund-payment<br/>to payments<br/>pivot"}}
                    s2["return-seat<br/>to inventory<br/>retriable"]
                    s3["return-room<br/>to inventory<br/>when<br/>retriable"]
                    s4["cancel-trip<br/>retriable"]
                    s5["send-cancellation<br/>to notifications<br/>retriable"]
                    u0["undo begin-cancelling"]:::undo
                    completed([completed])
                    compensated([compensated])
                    begin --> s0
                    s0 --> s1
                    s1 --> s2
                    s2 --> s3
                    s3 --> s4
                    s4 --> s5
                    s5 --> completed
                    s0 -. fails .-> u0
                    s1 -. refused .-> u0
                    u0 -.-> compensated
                    classDef undo stroke-dasharray: 5 5

                """)
    }
}
