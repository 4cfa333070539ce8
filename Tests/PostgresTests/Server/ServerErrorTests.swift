import EmbeddedPostgres
import Postgres
import Testing

/// What the server says about an error arrives field by field.
@Suite("Errors from a server")
struct ServerErrorTests {
    @Test func `constraint violations name schema, table, column and constraint`() async throws {
        try await TestServer.withClient { client in
            try await client.execute("create schema shop")
            try await client.execute(
                """
                create table shop.people (
                    id bigint constraint people_key primary key, email text not null,
                    age int constraint people_age check (age >= 0), boss bigint constraint people_boss references shop.people)
                """)
            try await client.execute("insert into shop.people values (1, 'ann@example.com', 40, null)")

            let duplicate = try await postgresError {
                try await client.execute("insert into shop.people values (\(1), \("bob-the-secret"))")
            }
            #expect(duplicate.code == .server)
            #expect(duplicate.sqlState == .uniqueViolation)
            #expect(duplicate.outcome == .failed)
            #expect(duplicate.severity == "ERROR")
            #expect(duplicate.schemaName == "shop")
            #expect(duplicate.tableName == "people")
            #expect(duplicate.constraintName == "people_key")
            #expect(duplicate.detail == "Key (id)=(1) already exists.")
            #expect(duplicate.statement == "insert into shop.people values ($1, $2)")
            #expect(duplicate.description == "PostgresError(server, SQLSTATE 23505)")
            #expect(!duplicate.debugDescription.contains("bob-the-secret"))

            let missing = try await postgresError { try await client.execute("insert into shop.people values (2)") }
            #expect(missing.sqlState == .notNullViolation)
            #expect(missing.columnName == "email")
            let negative = try await postgresError {
                try await client.execute("insert into shop.people values (2, '', \(Int32(-1)))")
            }
            #expect(negative.sqlState == .checkViolation)
            #expect(negative.constraintName == "people_age")
            let orphan = try await postgresError {
                try await client.execute("insert into shop.people values (2, '', 1, \(99))")
            }
            #expect(orphan.sqlState == .foreignKeyViolation)
            #expect(orphan.constraintName == "people_boss")
        }
    }

    @Test func `an error that a function raises brings its own code, detail, hint and context`() async throws {
        try await TestServer.withClient { client in
            try await client.execute(
                """
                create function refuse() returns void language plpgsql as $$ begin
                    raise exception 'the seat is taken' using errcode = 'SK001', detail = '{"actual":3}',
                        hint = 'take another', column = 'c', constraint = 'k', datatype = 'd', table = 't', schema = 's';
                end $$
                """)
            let error = try await postgresError { _ = try await client.query("select refuse()") }
            #expect(error.sqlState == "SK001")
            #expect(error.sqlState?.classCode == "SK")
            #expect(error.message == "the seat is taken")
            #expect(error.detail == #"{"actual":3}"#)
            #expect(error.hint == "take another")
            #expect(error.columnName == "c")
            #expect(error.constraintName == "k")
            #expect(error.dataTypeName == "d")
            #expect(error.tableName == "t")
            #expect(error.schemaName == "s")
            #expect(error.context?.contains("refuse()") == true)
        }
    }

    @Test func `a syntax error has its position, also inside a function`() async throws {
        try await TestServer.withClient { client in
            let error = try await postgresError { _ = try await client.query("select 'ä' form t") }
            #expect(error.sqlState == .syntaxError)
            // Counted in characters, not in bytes: the server stops at the "t" behind what could be an alias.
            #expect(error.position == 17)
            try await client.execute(
                "create function broken() returns void language plpgsql as $$ begin execute 'select nothing'; end $$")
            let inner = try await postgresError { _ = try await client.query("select broken()") }
            #expect(inner.sqlState == .undefinedColumn)
            #expect(inner.internalStatement == "select nothing")
        }
    }

    @Test func `bound values are in no description, even if the server is told to quote them`() async throws {
        let server = try await EmbeddedPostgres.shared()
        let configuration = PostgresClient.Configuration(
            connectionString: server.connectionString() + " options='-c log_parameter_max_length_on_error=-1'")
        try await PostgresClient.with(configuration, logger: TestServer.logger) { client in
            let error = try await postgresError {
                _ = try await client.query("select 1 / (length(\("a bound\nvalue")) - 13)")
            }
            #expect(error.sqlState == "22012")
            // The server did quote it, or this test would show nothing.
            #expect(error.context?.hasSuffix("***") == true)
            #expect(!error.debugDescription.contains("value"))
        }
    }

    @Test func `a password in a statement is in no description of its error`() async throws {
        try await TestServer.withClient { client in
            let error = try await postgresError {
                try await client.execute("alter role nobody_of_this_name password 's3cret'")
            }
            #expect(error.sqlState == "42704")
            #expect(error.statement == "alter role nobody_of_this_name password '***'")
            #expect(!error.debugDescription.contains("s3cret"))
        }
    }

    @Test func `a password in a connection string is in no description of a failed connection`() async throws {
        for connectionString in [
            "postgres://ann:s3cret@localhost:1/app?connect_timeout=2", "host=/nowhere password=s3cret",
            "postgres://ann:s3cret@s3cret@localhost:1/app?connect_timeout=2", "password=s3cret s3cret",
        ] {
            var configuration = PostgresClient.Configuration(connectionString: connectionString)
            configuration.waitDeadline = .seconds(1)
            let error = try await postgresError {
                try await PostgresClient.with(configuration, logger: TestServer.logger) { client in
                    _ = try await client.query("select 1")
                }
            }
            #expect([.poolTimeout, .invalidArgument].contains(error.code))
            #expect(!error.message.isEmpty)
            #expect(!error.debugDescription.contains("s3cret"))
        }
    }
}
