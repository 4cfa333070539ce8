import SkaldTesting
import Testing

/// The hot statements of the outbox, sagas and leases keep good plans, as those of the log do (`HotStatementTests`).
@Suite struct HotWorkTests {
    /// Leases are as many as there are lanes, and their statements plan for what is there: they are looked at where there
    /// are many.
    @Test(arguments: HotStatementTests.Tables.allCases)
    func `every lookup of a hot statement is by a whole key`(tables: HotStatementTests.Tables) async throws {
        try await withTestDatabase(.skald) { database in
            let earlier = Self.calls(1) + (tables == .growing ? Self.fiveThousand : "")
            let huge = tables == .huge ? Self.tables : nil
            let plans = try await Plans.of(Self.calls(2), after: earlier, huge: huge, in: database)
            for (table, count) in [
                ("outbox_p", 10), ("outbox_blocked", 8), ("sagas", 6), ("saga_inputs", 3), ("lease", 9),
            ] {
                #expect(plans.lookups(of: table).count >= count, "\(table)")
            }
            for lookup in Self.costly(plans, isWithLeases: tables == .huge) { Issue.record("\(lookup)") }
        }
    }

    @Test(arguments: [
        "outbox_next", "outbox_due", "outbox_advance", "saga_start", "saga_due", "saga_transitions", "saga_running",
        "lease_acquire", "lease_renew", "lease_guard", "lease_join",
    ])
    func `a lookup that reads a whole table is found out`(function: String) async throws {
        try await withTestDatabase(.skald) { database in
            try await Plans.spoil([function], in: database)
            let plans = try await Plans.of(Self.calls(2), after: Self.calls(1), huge: Self.tables, in: database)
            #expect(!Self.costly(plans, isWithLeases: true).isEmpty)
        }
    }

    private static let tables = "outbox_p0|outbox_keys|outbox_blocked|lease|saga|events_p0|streams"

    /// Lookups whose cost grows with the table.
    private static func costly(_ plans: Plans, isWithLeases: Bool) -> [String] {
        let keys: [(table: String, keys: [[String]])] = [
            ("outbox_p", [["bucket = ", "\"position\" "], ["tenant = ", "topic = ", "key = ", "key_version "]]),
            ("sagas", [["tenant = ", "name = ", "id = "], ["name = ", "definition = ", "lane = "]]),
            ("saga_inputs", [["tenant = ", "name = ", "saga = "]]),
            ("outbox_blocked", [["tenant = ", "sink = ", "topic = ", "key = "]]),
            ("leases", [["unit = "]]), ("lease_members", [["kind = "]]),
        ]
        return keys.filter { isWithLeases || !$0.table.hasPrefix("lease") }.flatMap { table, keys in
            plans.lookups(of: table).filter { lookup in
                // Of the blocked keys those of one sink, and of them only the ones that are to be tried again.
                let isOfDue = lookup.text.contains("outbox_blocked_due") && lookup.isByWholeKey(["sink = "])
                return !isOfDue && !keys.contains { lookup.isByWholeKey($0) }
            }.map(\.text)
        }
    }

    /// Every hot function. The second time all statements run with the plans of the first.
    private static func calls(_ round: Int) -> String {
        """
        \\set e \(round)
        select cardinality(skald.outbox_register('hot', 4, null, false));
        select count(*) from skald.lease_acquire(array['outbox/hot/0','outbox/hot/1'] || array(select 'saga/trip@1/'
            || n from generate_series(0, 15) as n), 'me', '1 minute', 20);
        select * from skald.lease_join('relay', 'me', '1 minute');
        select count(*) from skald.lease_renew('me', array['outbox/hot/0','outbox/hot/1'], array[:e,:e]::bigint[],
            '1 minute');
        select skald.lease_guard('outbox/hot/0', :e);
        select skald.lease_guard(array['outbox/hot/0','outbox/hot/1'], array[:e,:e]::bigint[]);
        select count(*) from skald.enqueue('t', 'k-1', 'x', '1');
        select count(*) from skald.enqueue('t', 'k-2', 'x', '1');
        select count(*) from skald.enqueue('t', 'k-1', 'x', '1');
        select * from skald.outbox_pulse('hot');
        select count(*) from skald.outbox_next('hot', 0, 0, 10);
        select count(*) from skald.outbox_next('hot', 1, 0, 10);
        select skald.outbox_advance('hot', 0, :e, :e - 1, 3, array['',''], array['t','t'], array['k-1','k-2'],
            array['retry','park'], array[1,1]::bigint[], array[1,1], array[0,0]::float8[], array['r','r'],
            array[0,0]);
        select count(*) from skald.outbox_due('hot', 0, 3, 10, 10);
        select skald.outbox_advance('hot', 0, :e, :e, 3, array[''], array['t'], array['k-1'], array['free'],
            array[2]::bigint[], array[0], array[0]::float8[], array['r'], array[0]);
        select count(*) from skald.saga_start('', array['trip','trip'], array['s-' || :e,'r-' || :e], array[1,1],
            array['{}','{}']::jsonb[]);
        select skald.saga_reply('', 'trip', 's-' || :e, gen_random_uuid(), '{}');
        select lane, revision from skald.saga_due(array_fill('trip'::text, array[16]), array_fill(1, array[16]),
            array(select generate_series(0, 15)), 10000) where id = 's-' || :e \\gset
        select t.status from skald.saga_transitions(array['saga/trip@1/' || :lane], array[:e]::bigint[], array[''],
            array['trip'], array['s-' || :e], array[:revision]::bigint[], array['running'], array['forward'],
            array[null]::text[], array['step'], array[1], array[null]::timestamptz[], array[null]::text[],
            array['{}']::jsonb[], array[1], array['$saga.step'], array['{}']::jsonb[], array[gen_random_uuid()],
            array[1], array[gen_random_uuid()], array[1], array['t'], array['k-1'], array[gen_random_uuid()],
            array['x'], array['/s'], array[null]::text[], array[null]::jsonb[], array['\\x00']::bytea[]) as t;
        select count(*) from skald.saga_running('trip', 1, :lane, '', '', 10);

        """
    }

    private static let fiveThousand = """
        select count(*) from generate_series(1, 5000) as n, lateral skald.enqueue('grow', 'k-' || n, 'x', '1');
        select skald.outbox_advance('hot', 0, 1, 1, 5003, array_fill(''::text, array[5000]),
            array_fill('grow'::text, array[5000]),
            array(select 'k-' || n from generate_series(1, 5000) as n), array_fill('park'::text, array[5000]),
            array_fill(1::bigint, array[5000]), array_fill(1, array[5000]), array_fill(0::float8, array[5000]),
            array_fill('r'::text, array[5000]), array_fill(0, array[5000]));
        select count(*) from skald.saga_start('', array_fill('trip'::text, array[5000]),
            array(select 'g-' || n from generate_series(1, 5000) as n), array_fill(1, array[5000]),
            array_fill('{}'::jsonb, array[5000]));

        """
}
