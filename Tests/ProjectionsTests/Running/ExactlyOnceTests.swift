import EventSourcing
import PostgresEventStore
import Projections
import SkaldTesting
import Testing

/// PR2: a projection's tables equal the fold of the log up to its checkpoint, each event exactly once.
@Suite struct ExactlyOnceTests {
    /// Where the backend that applies a batch ends itself, three times. A sequence counts: it is not rolled back.
    enum Step: String, CaseIterable, Sendable {
        case atTheCheckpoint = "before insert or update on skald.checkpoints for each row"
        case atAnEffect = "before insert on ledger for each row"
        case afterAllEffects = "after insert on ledger deferrable initially deferred for each row"
        case afterTheCheckpoint =
            "after insert or update on skald.checkpoints deferrable initially deferred for each row"

        var script: String {
            """
            create sequence kills;
            grant usage on sequence kills to public;
            create function kill() returns trigger language plpgsql security definer as $$
            begin
                if nextval('public.kills') in (1, 5, 12) then perform pg_terminate_backend(pg_backend_pid()); end if;
                return new;
            end $$;
            create \(rawValue.contains("deferrable") ? "constraint " : "")trigger kill \(rawValue)
                execute function kill();
            """
        }
    }

    @Test(arguments: Step.allCases)
    func `PR2: a backend that is killed in the middle of a batch costs nothing and doubles nothing`(
        _ step: Step
    )
        async throws
    {
        try await ProjectionFixture.with { fixture in
            let last = try await fixture.appendSeats(200)
            try await fixture.database.psql(step.script)
            var configuration = ProjectionFixture.quick
            configuration.maximumEvents = 20
            try await fixture.running(fixture.worker(Ledger(), configuration: configuration)) {
                try await fixture.store.projections.wait(for: Ledger.self, reaching: last, timeout: .seconds(30))
                #expect(try await fixture.ledgerIsExact())
            }
            #expect(try await fixture.count("select last_value from kills") >= 5, "it was killed at least twice")
        }
    }

    @Test func `PR2: sessions that die at any moment cost nothing and double nothing`() async throws {
        try await ProjectionFixture.with { fixture in
            var configuration = ProjectionFixture.quick
            configuration.maximumEvents = 10
            configuration.leases = .init(duration: .seconds(3))
            try await fixture.running(fixture.worker(Ledger(), configuration: configuration)) {
                for _ in 0..<15 {
                    _ = try? await fixture.appendSeats(40)
                    try await fixture.database.psql(
                        """
                        select pg_terminate_backend(pid) from pg_stat_activity
                         where datname = current_database() and pid <> pg_backend_pid()
                        """)
                }
                let last = try await fixture.appendSeats(40)
                try await fixture.store.projections.wait(for: Ledger.self, reaching: last, timeout: .seconds(30))
                #expect(try await fixture.ledgerIsExact())
            }
        }
    }

    @Test func `PR2: a projection that is started again goes on where it was`() async throws {
        try await ProjectionFixture.with { fixture in
            let first = try await fixture.appendSeats(50)
            try await fixture.running(fixture.worker(Ledger())) {
                try await fixture.store.projections.wait(for: Ledger.self, reaching: first, timeout: .seconds(20))
            }
            let second = try await fixture.appendSeats(50)
            #expect(try await fixture.store.projections.position(of: Ledger.self) == first, "nobody runs it")
            try await fixture.running(fixture.worker(Ledger())) {
                try await fixture.store.projections.wait(for: Ledger.self, reaching: second, timeout: .seconds(20))
            }
            #expect(try await fixture.ledgerIsExact())
        }
    }

    @Test func `several kinds of event come in the order of the log, and a handler may read what it wrote`()
        async throws
    {
        try await ProjectionFixture.with { fixture in
            let store = fixture.store
            try await store.append([PaymentEvent.captured(amount: 5)], to: "payment-1", expecting: .any)
            try await fixture.appendSeats(1)
            try await store.append([PaymentEvent.captured(amount: 7)], to: "payment-1", expecting: .any)
            let last = try await fixture.appendSeats(1)
            try await fixture.running(fixture.worker(Revenue())) {
                try await store.projections.wait(for: Revenue.self, reaching: last, timeout: .seconds(20))
            }
            let rows = try await fixture.database.psql("select amount, held from revenue order by ctid")
            #expect(rows == "5|\n0|1\n7|\n0|3")
        }
    }
}
