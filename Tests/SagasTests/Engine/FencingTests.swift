import Postgres
import PostgresEventStore
import Sagas
import SkaldTesting
import Testing

/// The database's side of transitions (SG3, SG4, X1, X2): what it writes, and what it refuses.
@Suite struct FencingTests {
    /// Calls `saga_transitions` for sagas of four lanes, each with one event and one message. The second one's revision is
    /// old; the lease on the third one's lane has another epoch; that on the fourth one's lane is not the caller's at all;
    /// the fifth is not there; the sixth was decided before the caller lost the first one's lane, which it has again.
    private static func write(_ world: World, topic: String = "seats") async throws -> [String] {
        for number in 0..<60 {
            try await world.sagas.start(Trip.self, id: SagaID(rawValue: "\(number)"), with: .init())
        }
        let answer = try await world.database.psql(
            """
            create temporary table chosen as
            select row_number() over (order by lane) as n, * from (
                select distinct on (lane) lane, id, skald.saga_unit(name, definition, lane) as unit from skald.sagas
                 order by lane, id limit 4) as s;
            create temp table another as select max(s.id) as id from skald.sagas s join chosen c on c.lane = s.lane and c.n = 1;
            grant select on chosen, another to public;
            set session authorization \(world.database.user(.writer));
            select count(*) from skald.lease_acquire(array(select unit from chosen), 'me', '1 minute', 4);
            select count(*) from skald.lease_acquire(array(select unit from chosen where n = 1), 'me', '1 minute', 4);
            select t.number, t.status, t.revision from skald.saga_transitions(
                array(select c.unit from unnest(array[1, 2, 3, 1, 1, 1]) with ordinality as u(n, i) join chosen c using (n)
                       order by i), array[2, 1, 9, 2, 2, 1]::bigint[],
                array_fill(''::text, array[6]), array_fill('trip'::text, array[6]),
                array(select id from chosen order by n) || 'nobody'::text ||
                (select id from another),
                array[0, 7, 0, 0, 0, 0]::bigint[],
                array_fill('waiting'::text, array[6]), array_fill('forward'::text, array[6]),
                array_fill('reply'::text, array[6]), array_fill('seat'::text, array[6]),
                array_fill(1, array[6]), array_fill(now() + interval '1 hour', array[6]), array_fill(null::text, array[6]),
                array_fill('{}'::jsonb, array[6]), array[1, 2, 3, 4, 5, 6],
                array_fill('$saga.stepPassedOver'::text, array[6]), array_fill('{"step":"seat"}'::jsonb, array[6]),
                array(select gen_random_uuid() from generate_series(1, 6)), '{}', '{}', array[1, 2, 3, 4, 5, 6],
                array_fill('\(topic)'::text, array[6]), array_fill('k'::text, array[6]),
                array(select gen_random_uuid() from generate_series(1, 6)), array_fill('hold'::text, array[6]),
                array_fill('/s'::text, array[6]), array_fill(null::text, array[6]), array_fill(null::jsonb, array[6]),
                array_fill('{}'::bytea, array[6])) as t order by 1;
            """)
        return answer.split(separator: "\n").map(String.init).suffix(6)
    }

    @Test
    func `SG4: an old revision, an old epoch and a foreign lease stop their own saga, and not the ones beside it`()
        async throws
    {
        try await World.with(Self.fences)
    }

    static func fences(_ world: World) async throws {
        #expect(try await Self.write(world) == ["1|0|1", "2|2|0", "3|1|0", "4|1|0", "5|2|0", "6|1|0"])
        // SG3: one history, one row and one message moved, of the same saga.
        let moved = try await world.database.psql(
            """
            select string_agg(s.id, ',') = string_agg(substr(t.name, 12), ',') from skald.sagas s
              join skald.streams t on t.name = skald.saga_stream(s.name, s.id) where s.revision = 1 and t.version = 1;
            select count(*) from skald.sagas where revision = 1; select count(*) from skald.streams where version = 1;
            select count(*) from skald.outbox;
            select count(*) from skald.sagas where revision = 1 and due_at > now();
            """)
        // SG7: what it waits for is in its row.
        #expect(moved.split(separator: "\n") == ["t", "1", "1", "1", "1"])
    }

    @Test func `X2: of two transitions of one saga in one call the first is written, and the others are refused`()
        async throws
    {
        try await World.with(Self.twoTransitions)
    }

    static func twoTransitions(_ world: World) async throws {
        try await world.sagas.start(Trip.self, id: "twin", with: .init())
        try await world.sagas.start(Trip.self, id: "other", with: .init())
        let answer = try await world.database.psql(
            """
            with held as materialized (select unit, epoch from skald.lease_acquire(
                array(select skald.saga_unit('trip', 1, l) from generate_series(0, 15) as l), 'me', '1 minute', 16))
            select t.number, t.status, t.revision from skald.saga_transitions(
                array(select h.unit from unnest(array['twin', 'other', 'twin', 'twin']) with ordinality as u(id, i)
                       join skald.sagas s using (id) join held h on h.unit = skald.saga_unit('trip', 1, s.lane) order by i),
                array_fill(1::bigint, array[4]), array_fill(''::text, array[4]),
                array_fill('trip'::text, array[4]), array['twin', 'other', 'twin', 'twin'],
                array[0, 0, 0, 1]::bigint[], array_fill('waiting'::text, array[4]),
                array_fill('forward'::text, array[4]), array_fill('reply'::text, array[4]),
                array_fill('seat'::text, array[4]), array[1, 1, 1, 1],
                array_fill(now() + interval '1 hour', array[4]), array_fill(null::text, array[4]),
                array_fill('{}'::jsonb, array[4]), array[1, 2, 3, 4],
                array_fill('$saga.stepPassedOver'::text, array[4]), array_fill('{"step":"seat"}'::jsonb, array[4]),
                array(select gen_random_uuid() from generate_series(1, 4)), '{}', '{}', '{}', '{}', '{}', '{}', '{}',
                '{}', '{}', '{}', '{}') as t order by 1;
            """)
        let rows = answer.split(separator: "\n").map(String.init)
        #expect(rows.prefix(3) == ["1|0|1", "2|0|1", "3|2|1"])
        #expect(rows.last?.hasPrefix("4|2|") == true)
    }

    @Test func `SG3: when a message can't be written, neither are the history and the row`() async throws {
        try await World.with(Self.unwritableMessage)
    }

    static func unwritableMessage(_ world: World) async throws {
        await #expect(throws: (any Error).self) { _ = try await Self.write(world, topic: "") }
        let moved = try await world.database.psql(
            """
            select count(*) from skald.sagas where revision > 0; select count(*) from skald.streams where version > 0;
            select count(*) from skald.outbox;
            """)
        #expect(moved.split(separator: "\n") == ["0", "0", "0"])
    }

    @Test func `SG4: a transition waits for nobody: a row that an input holds is reported busy`() async throws {
        try await World.with { world in
            try await world.sagas.start(Trip.self, id: "busy", with: .init())
            let unit = try await world.database.psql("select skald.saga_unit('trip', 1, lane) from skald.sagas")
            try await world.store.transaction { tx in
                try await tx.execute("select skald.saga_reply('', 'trip', 'busy', gen_random_uuid(), '{}')")
                let answer = try await world.database.psql(
                    """
                    set statement_timeout = '5s';
                    select count(*) from skald.lease_acquire(array['\(unit)'], 'me', '1 minute', 1);
                    select t.status from skald.saga_transitions(array['\(unit)'],
                        array[1::bigint], array[''], array['trip'], array['busy'], array[0]::bigint[], array['waiting'], array['forward'], array['start'],
                        array[null]::text[], array[0], array[null]::timestamptz[], array[null]::text[],
                        array['{}']::jsonb[], '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}',
                        '{}', '{}', '{}') as t;
                    """, as: .writer)
                #expect(answer.split(separator: "\n").last == "3")
            }
        }
    }

    @Test func `SG4: who has lost the lane is told so at once, also about a row that an input holds`() async throws {
        try await World.with { world in
            try await world.sagas.start(Trip.self, id: "busy", with: .init())
            let unit = try await world.database.psql("select skald.saga_unit('trip', 1, lane) from skald.sagas")
            func write(epoch: Int) -> String {
                """
                select t.status from skald.saga_transitions(array['\(unit)'], array[\(epoch)::bigint], array[''],
                    array['trip'], array['busy'], array[0]::bigint[], array['waiting'], array['forward'], array['start'],
                    array[null]::text[], array[0], array[null]::timestamptz[], array[null]::text[], array['{}']::jsonb[],
                    '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}') as t;
                """
            }
            try await world.store.transaction { tx in
                try await tx.execute("select skald.saga_reply('', 'trip', 'busy', gen_random_uuid(), '{}')")
                let answer = try await world.database.psql(
                    """
                    set statement_timeout = '5s';
                    select epoch from skald.lease_acquire(array['\(unit)'], 'me', '1 minute', 1);
                    select epoch from skald.lease_acquire(array['\(unit)'], 'me', '1 minute', 1);
                    \(write(epoch: 1))
                    \(write(epoch: 2))
                    """, as: .writer)
                #expect(answer.split(separator: "\n").suffix(2) == ["1", "3"])
            }
        }
    }

    @Test func `SG6: an input that comes while its saga runs is not missed: the transition that ends the run finds it`()
        async throws
    {
        try await World.with(Self.inputWhileRunning)
    }

    static func inputWhileRunning(_ world: World) async throws {
        try await world.sagas.start(Trip.self, id: "runs", with: .init())
        func move(to status: String, _ waitingFor: String, revision: Int) -> String {
            """
            select t.status, t.due <= t.now from skald.saga_transitions(
                array(select skald.saga_unit('trip', 1, lane) from skald.sagas), array[1::bigint], array[''],
                array['trip'], array['runs'], array[\(revision)]::bigint[], array['\(status)'], array['forward'],
                array[\(waitingFor)]::text[], array['seat'], array[1],
                array[\(status == "running" ? "null" : "now() + interval '1 hour'")]::timestamptz[],
                array[null]::text[], array['{}']::jsonb[], array[1], array['$saga.stepPassedOver'],
                array['{"step":"seat"}']::jsonb[], array[gen_random_uuid()], '{}', '{}', '{}', '{}', '{}', '{}',
                '{}', '{}', '{}', '{}', '{}') as t;
            """
        }
        let answer = try await world.database.psql(
            """
            select count(*) from skald.lease_acquire(
                array(select skald.saga_unit('trip', 1, l) from generate_series(0, 15) as l), 'me', '1 minute', 16);
            \(move(to: "running", "null", revision: 0))
            select skald.saga_reply('', 'trip', 'runs', gen_random_uuid(), '{}');
            select due_at is null from skald.sagas;
            \(move(to: "waiting", "'reply'", revision: 1))
            select due_at <= clock_timestamp() from skald.sagas;
            """)
        #expect(answer.split(separator: "\n").map(String.init).suffix(4) == ["0|", "t", "0|t", "t"])
    }
}
