import Migrations
import Postgres
import PostgresEventStore
import SkaldTesting
import Testing

/// Several schemas in one database, roles with few rights, and psql.
@Suite struct MigratorSchemaTests {
    @Test func `two schemas stand side by side, each with its own roles, and nothing of one names the other`()
        async throws
    {
        try await withTestDatabase { database in
            try await withClient(of: database) { client in
                for schema in ["side_a", "side_b"] { try await Migrator(client, schema: SchemaName(schema)).apply() }
                for schema in ["side_a", "side_b"] {
                    try await Migrator(client, schema: SchemaName(schema)).requireCurrent()
                }
                let strangers = try await client.query(
                    """
                    select p.oid::regprocedure::text from pg_proc p
                     where p.pronamespace = 'side_a'::regnamespace
                       and (pg_get_functiondef(p.oid) like '%skald%' or pg_get_functiondef(p.oid) like '%side_b%')
                    """)
                #expect(strangers.isEmpty)
                let roles = try await client.query(
                    "select rolname::text from pg_roles where rolname like 'side\\_a\\_%' order by rolname collate \"C\""
                )
                let names = try roles.map { try $0.decode("rolname", as: String.self) }
                #expect(names == ["side_a_operator", "side_a_owner", "side_a_reader", "side_a_writer"])
                try await client.execute(#"select side_a.append('s-1', -1, '[{"type": "t", "data": 1}]')"#)
                let counts = try await client.query(
                    "select (select count(*) from side_a.read_all()) = 1 and (select count(*) from side_b.read_all()) = 0"
                )
                #expect(try counts[0].decode(Bool.self))
            }
        }
    }

    @Test(arguments: ["order", "user", "public", "information_schema"])
    func `a name that the files cannot carry unquoted, or that belongs to others, is refused`(name: String) async throws
    {
        try await withTestDatabase { database in
            try await withClient(of: database) { client in
                let migrator = try Migrator(client, schema: SchemaName(name))
                let error = await #expect(throws: MigrationError.self) { try await migrator.apply() }
                #expect(error?.code == .invalidSchemaName)
                #expect(error?.message.contains(name) == true)
            }
        }
    }

    @Test func `a role that may not create roles is told what an administrator has to do`() async throws {
        try await withTestDatabase { database in
            try await database.psql(
                "create role migrator_powerless login; grant create on database \(database.name) to migrator_powerless")
            try await withClient(of: database, user: "migrator_powerless") { client in
                let migrator = try Migrator(client, schema: SchemaName("powerless"))
                let error = await #expect(throws: MigrationError.self) { try await migrator.apply() }
                #expect(error?.code == .permission)
                #expect(error?.message.contains("the role powerless_owner does not exist") == true)
                #expect(error?.hint.contains("create role powerless_owner nologin") == true)
            }
            _ = try await withClient(of: database) { try await Migrator($0, schema: SchemaName("powerless")).apply() }
            try await withClient(of: database, user: "migrator_powerless") { client in
                let migrator = try Migrator(client, schema: SchemaName("powerless"))
                let error = await #expect(throws: MigrationError.self) { try await migrator.requireCurrent() }
                #expect(error?.code == .permission)
                #expect(error?.hint.contains("powerless_reader") == true)
            }
        }
    }

    /// No superuser is needed: a role that may create roles, and schemas in this database, is enough.
    @Test func `a deployer migrates, and a service checks as its own role`() async throws {
        try await withTestDatabase { database in
            try await database.psql(
                """
                create role migrator_deployer login createrole;
                grant create on database \(database.name) to migrator_deployer;
                """)
            try await withClient(of: database, user: "migrator_deployer") { client in
                let applied = try await Migrator(client, schema: SchemaName("deployed")).apply()
                #expect(applied == Migration.all)
            }
            for role in ["writer", "reader", "operator"] {
                try await database.psql("create role deployed_\(role)_login login in role deployed_\(role)")
                try await withClient(of: database, user: "deployed_\(role)_login") { client in
                    try await Migrator(client, schema: SchemaName("deployed")).requireCurrent()
                }
            }
            let owners = try await database.psql(
                """
                select distinct r.rolname from pg_class c join pg_roles r on r.oid = c.relowner
                 where c.relnamespace = 'deployed'::regnamespace
                union select distinct r.rolname from pg_proc p join pg_roles r on r.oid = p.proowner
                 where p.pronamespace = 'deployed'::regnamespace
                """)
            #expect(owners == "deployed_owner")
        }
    }

    @Test func `every file also runs in psql as it stands, and records itself`() async throws {
        try await withTestDatabase { database in
            for migration in Migration.all {
                // What psql --single-transaction does with -f.
                try await database.psql("begin;\n\(migration.sql)\ncommit;\n")
            }
            try await withClient(of: database) { client in
                let migrator = try Migrator(client)
                try await migrator.requireCurrent()
                #expect(try await migrator.apply().isEmpty)
                let status = try await migrator.status()
                #expect(status.recorded.map(\.name) == Migration.all.map(\.name))
                #expect(status.recorded.allSatisfy { $0.checksum == nil })
                #expect(status.description.contains("by hand"))
            }
        }
    }
}
