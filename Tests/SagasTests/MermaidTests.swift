import Testing

@testable import Sagas

@Suite struct MermaidTests {
    @Test func `a saga draws itself: the way back dashed, the pivot marked, the order stable`() throws {
        let drawn = try BookTrip().mermaid()
        #expect(
            drawn == """
                flowchart TD
                    begin(["book-trip v1"])
                    s0["hold-seat"]
                    s1["hold-room<br/>to hotels<br/>within 30.0 seconds<br/>when"]
                    s2{{"capture-payment<br/>pivot"}}
                    s3(["cool-off<br/>wait"])
                    s4["issue-ticket<br/>retriable"]
                    u0["undo hold-seat"]:::undo
                    u1["undo hold-room"]:::undo
                    completed([completed])
                    compensated([compensated])
                    begin --> s0
                    s0 --> s1
                    s1 --> s2
                    s2 --> s3
                    s3 --> s4
                    s4 --> completed
                    s0 -. fails .-> u0
                    s1 -. fails .-> u1
                    s2 -. refused .-> u1
                    u1 -.-> u0
                    u0 -.-> compensated
                    classDef undo stroke-dasharray: 5 5

                """)
    }

    @Test func `a saga that only goes forward has no way back`() throws {
        struct Send: Saga {
            static let name: SagaName = "send"
            struct State: Codable {}
            var steps: Steps { Retriable("mail") { _ in } }
        }
        let drawn = try Send().mermaid()
        #expect(!drawn.contains("compensated") && !drawn.contains("-."))
    }

    @Test func `labels can't break out of their quotes`() {
        #expect(SagaDefinition.escape(#"a"]; x --> y <b>"#) == "a#34;#93;#59; x --#62; y #60;b#62;")
        #expect(SagaDefinition.escape("one\ntwo") == "one two")
    }
}
