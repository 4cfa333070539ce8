import Testing

@testable import Postgres

@Suite("Error descriptions")
struct DescriptionTests {
    private var full: PostgresError {
        var fields = PostgresError.Fields(code: .server, message: "duplicate key")
        fields.sqlState = .uniqueViolation
        fields.severity = "ERROR"
        fields.detail = "Key (email)=(ann@example.com) already exists."
        fields.hint = "Use another."
        fields.schemaName = "public"
        fields.tableName = "people"
        fields.columnName = "email"
        fields.constraintName = "people_email_key"
        fields.position = 7
        fields.context = "PL/pgSQL function f()"
        fields.underlying = PostgresError(.connectionLost, "the inner one")
        return PostgresError(fields: fields)
    }

    @Test func `the description gives nothing away`() {
        #expect(full.description == "PostgresError(server, SQLSTATE 23505)")
        #expect("\(PostgresError(.notRunning, "call run()"))" == "PostgresError(notRunning)")
    }

    @Test func `the debug description says everything`() {
        let text = full.naming(statement: "insert into people values ($1)").debugDescription
        for part in [
            "duplicate key", "ERROR", "ann@example.com", "Use another.", "public", "people", "email",
            "people_email_key", "position: 7", "PL/pgSQL", "the inner one", "insert into people values ($1)",
            "outcome: failed",
        ] {
            #expect(text.contains(part))
        }
    }

    @Test func `the first statement to be named stays`() {
        let error = PostgresError(.server, "").naming(statement: "select 1").naming(statement: "commit")
        #expect(error.statement == "select 1")
    }

    @Test func `bound values are in neither description`() throws {
        let sql: SQL = "select \("a secret value"), \("\0 another secret")"
        let error = try postgresError { try sql.validated() }
        #expect(!error.debugDescription.contains("secret"))
    }
}
