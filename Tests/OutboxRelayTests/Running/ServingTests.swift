import EmbeddedPostgres
import Foundation
import Outbox
import SkaldTesting
import Testing

@Suite("The daemon serves")
struct ServingTests {
    @Test func `it starts, says so, delivers CloudEvents with its token, answers probes, and ends with status 0`()
        async throws
    {
        try await withTestDatabase(.skald) { database in
            try await Endpoint.with { endpoint in
                try await database.enqueue("b1", ["one", "two"])
                let relay = try await RunningRelay.start(
                    database, endpoint, ["sink.url": endpoint.url + "?token=s3cret"],
                    environment: ["SKALD_RELAY_SINK_TOKEN": "s3cret"])
                try await relay.ready()
                try await eventually("both messages are delivered") { endpoint.acknowledged.count == 2 }
                #expect(endpoint.acknowledged.map(\.text) == ["one", "two"])
                #expect(
                    endpoint.acknowledged.allSatisfy {
                        $0.authorization == "Bearer s3cret" && $0.event.type == "order.noted"
                    })

                try await probes(relay)
                relay.program.send(SIGTERM)
                #expect(try await relay.program.end() == 0)
                #expect(relay.program.errorText.isEmpty)
                #expect(!relay.program.outputText.contains("s3cret"))
                for line in relay.program.outputText.split(separator: "\n") {
                    let read = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                    #expect(read?["time"] != nil && read?["level"] != nil && read?["message"] != nil)
                }
            }
        }
    }

    private func probes(_ relay: RunningRelay) async throws {
        for path in ["/livez", "/healthz"] { #expect(try await relay.get(path).status == 200) }
        #expect(try await relay.get("/readyz").body == "ready\n")
        let verbose = try await relay.get("/readyz?verbose").body
        #expect(
            verbose.wholeMatch(of: /(\[\+\](database|schema|lanes) ok \(\d+\.\d ms\)\n){3}ready\n/) != nil, "\(verbose)"
        )
        let metrics = try await relay.get("/metrics")
        #expect(metrics.type == "text/plain; version=0.0.4; charset=utf-8")
        #expect(metrics.body.contains("# TYPE outbox_published_messages_total counter"))
        #expect(metrics.body.contains(#"outbox_published_messages_total{sink="http"} 2"#))
        #expect(metrics.body.contains(#"outbox_publish_duration_seconds_count{sink="http"} "#))
        #expect(try await relay.get("/nothing").status == 404)
    }

    @Test func `without its database it is alive and not ready, and it goes on when that is back`() async throws {
        try await EmbeddedPostgres.with { server in
            try await withTestDatabase(.skald, on: server) { database in
                try await Endpoint.with { endpoint in
                    let relay = try await RunningRelay.start(database, endpoint)
                    try await relay.ready()
                    try await server.kill()
                    try await eventually("it is not ready") { try await relay.get("/readyz").status == 503 }
                    #expect(try await relay.get("/livez").status == 200)
                    #expect(try await relay.get("/readyz?verbose").body.contains("[-]database failed: "))
                    try await server.start()
                    try await eventually("it is ready again") { try await relay.get("/readyz").status == 200 }
                    try await database.enqueue("b1", ["after"])
                    try await eventually("it delivers again") { endpoint.acknowledged.map(\.text) == ["after"] }
                    relay.program.send(SIGINT)
                    #expect(try await relay.program.end() == 0)
                }
            }
        }
    }

    @Test func `a refused message parks its key and no other, visibly`() async throws {
        try await withTestDatabase(.skald) { database in
            try await Endpoint.with({ $0.extensions["partitionkey"] == "bad" ? 422 : 204 }) { endpoint in
                try await database.enqueue("bad", ["refused", "behind it"])
                try await database.enqueue("good", ["one", "two"])
                let relay = try await RunningRelay.start(database, endpoint, ["relay.attempts": "3"])
                try await eventually("the key is parked") {
                    try await database.psql("select attempts, reason from skald.outbox_blocked where state = 'parked'")
                        == "3|HTTP 422: said the test"
                }
                try await eventually("the other key is delivered") {
                    endpoint.acknowledged.map(\.text) == ["one", "two"]
                }
                #expect(
                    endpoint.deliveries.filter { $0.key == "bad" }.map(\.text) == ["refused", "refused", "refused"])
                try await eventually("the metrics tell", within: .seconds(60)) {
                    try await relay.get("/metrics").body.contains(#"outbox_parked_keys{sink="http"} 1"#)
                }
            }
        }
    }
}
