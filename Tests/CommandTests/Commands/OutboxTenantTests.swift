import SkaldTesting
import Testing

@Suite("skald outbox, tenant by tenant", .testDatabase(.skald), .serialized)
struct OutboxTenantTests {
    private func skald(_ arguments: String..., tenant: String? = nil) async throws -> ChildProgram.Finished {
        let environment = tenant.map { ["SKALD_TENANT": $0] } ?? [:]
        let url = try TestDatabase.current.connectionString(.operator)
        return try await ChildProgram.run("skald", arguments + ["--url", url], environment: environment)
    }

    /// Two tenants of whose keys, alike in name, a sink refused the first messages.
    private func prepare() async throws {
        let database = try TestDatabase.current
        try await database.psql("delete from skald.outbox_blocked")
        for (tenant, key) in [("acme", "b1"), ("acme", "b2"), ("globex", "b1")] {
            try await database.psql(
                """
                select from skald.enqueue('bookings', '\(key)', 'booking.made', '{}', source => '/test', tenant => '\(tenant)')
                """, as: .writer)
        }
        try await database.psql("select skald.outbox_register('http', 1, null, false)", as: .writer)
        try await database.psql(
            """
            insert into skald.outbox_blocked (tenant, sink, topic, key, lane, first_version, first_position, message_id, state,
                                              attempts, reason, next_try, blocked_at, changed_at)
            select tenant, 'http', topic, key, 0, key_version, position, id, 'parked', 8, 'HTTP 422', now(), now(), now()
              from skald.outbox where key_version = 1
            """)
    }

    private func parked() async throws -> String {
        try await TestDatabase.current.psql(
            "select string_agg(tenant || ' ' || key, ', ' order by tenant, key) from skald.outbox_blocked where state = 'parked'"
        )
    }

    @Test func `a replay keeps to the tenant of SKALD_TENANT, as to that of --tenant`() async throws {
        try await prepare()
        let refused = try await skald(
            "outbox", "replay", "--sink", "http", "--all", "--reason", "x", "--tenant", "acme")
        #expect(refused.error.contains("error: this would replay 2 keys\n"), "\(refused.error)")
        #expect(refused.error.contains("see 'skald outbox parked --sink http --retrying --tenant 'acme'', then say"))

        let topic = try await skald(
            "outbox", "replay", "--sink", "http", "--topic", "bookings", "--reason", "x", "--yes", tenant: "acme")
        #expect(topic.output == "2 keys will be tried again\n")
        #expect(try await parked() == "globex b1")

        try await prepare()
        let all = try await skald(
            "outbox", "replay", "--sink", "http", "--all", "--reason", "x", "--yes", "--json", tenant: "globex")
        #expect(all.output.hasPrefix(#"{"sink":"http","tenant":"globex","topic":null,"key":null,"keys":1,"#))
        #expect(try await parked() == "acme b1, acme b2")

        let key = ["--sink", "http", "--topic", "bookings", "--key", "b1", "--reason", "x"]
        let nobodys = try await skald(
            "outbox", "replay", key[0], key[1], key[2], key[3], key[4], key[5], key[6], key[7])
        #expect(nobodys.status == 3, "a key of no tenant is none of theirs")
        let one = try await skald(
            "outbox", "replay", key[0], key[1], key[2], key[3], key[4], key[5], key[6], key[7], "--tenant", "acme")
        #expect(one.output == "1 key will be tried again\n")
        #expect(try await parked() == "acme b2")

        try await prepare()
        let everybodys = try await skald("outbox", "replay", "--sink", "http", "--all", "--reason", "x", "--yes")
        #expect(everybodys.output == "3 keys will be tried again\n", "without a tenant all are meant")
    }

    @Test func `lists tell tenants apart, and show one where it is named`() async throws {
        try await prepare()
        let all = try await skald("outbox", "parked").output.split(separator: "\n")
        #expect(all.first?.hasPrefix("SINK  TENANT  TOPIC ") == true, "\(all)")
        #expect(all.count == 4 && all[1].contains("acme") && all[3].contains("globex"))
        let messages = try await skald("outbox", "ls", "--sink", "http").output
        #expect(messages.contains("STATE   TENANT  TOPIC"), "\(messages)")

        for (arguments, tenant) in [(["--tenant", "globex"], nil), ([], "globex")] as [([String], String?)] {
            let url = try TestDatabase.current.connectionString(.operator)
            let environment = tenant.map { ["SKALD_TENANT": $0] } ?? [:]
            for command in [["parked"], ["ls", "--sink", "http"]] {
                let run = try await ChildProgram.run(
                    "skald", ["outbox"] + command + arguments + ["--url", url], environment: environment)
                #expect(run.output.contains("globex") && !run.output.contains("acme"), "\(run)")
            }
        }
    }

    @Test func `what is about no tenant takes none`() async throws {
        for command in [["log", "status"], ["migrate", "status"], ["outbox", "ls"]] {
            let run = try await ChildProgram.run("skald", command + ["--tenant", "acme"])
            #expect(run.status == 2, "\(command)")
            #expect(run.error.contains("--tenant"), "\(run.error)")
        }
    }
}
