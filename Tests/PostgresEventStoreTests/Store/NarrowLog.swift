import Migrations
import SkaldTesting

extension TestTemplate {
    /// Skald's schema with partitions of ten events, so that a test crosses their bounds.
    static let narrowLog = TestTemplate("narrow_log") { database in
        for migration in Migration.all {
            try await database.psql("\\set ON_ERROR_STOP on\nbegin;\n\(migration.sql)\ncommit;\n")
        }
        try await database.psql(
            """
            begin;
            select format('drop table skald.%I', name) from skald.partitions where log = 'events' \\gexec
            delete from skald.partitions where log = 'events';
            update skald.partition_widths set width = 10 where log = 'events';
            select skald.ensure_partitions('events', 0);
            commit;
            """)
    }
}

extension TestDatabase {
    /// How many positions the log's partitions have room for beyond the last that was drawn.
    func roomAhead() async throws -> Int {
        try await count(
            """
            select max(upper_bound) - 1 - coalesce(pg_sequence_last_value('skald.events_position'), 0)
              from skald.partitions where log = 'events'
            """)
    }

    /// How many partitions hold events.
    func partitionsInUse() async throws -> Int {
        try await count("select count(distinct tableoid) from skald.events")
    }
}
