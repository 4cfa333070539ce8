import Postgres
import Testing

/// What cannot be sent is refused before anything is sent, so its outcome is known: it has not happened.
@Suite("Validation")
struct ValidationTests {
    @Test func `a value without a binary form is refused, and named by number, type and statement`() throws {
        let sql: SQL = "insert into t values (\(1), \("a\0b"))"
        let error = try postgresError { try sql.validated() }
        #expect(error.code == .encoding)
        #expect(error.outcome == .failed)
        #expect(error.message.hasPrefix("parameter $2 (text): the text has a NUL"))
        #expect(error.hint?.isEmpty == false)
        #expect(error.statement == "insert into t values ($1, $2)")
    }

    @Test func `a fragment brings its refused values along`() throws {
        let fragment: SQL = "a = \("\0")"
        let sql: SQL = "select \(1) where \(fragment)"
        #expect(try postgresError { try sql.validated() }.message.hasPrefix("parameter $2 (text)"))
    }

    @Test func `65535 parameters are taken and 65536 are not`() throws {
        let binds = Array(repeating: PostgresBind(1), count: 65_535)
        try SQL(unescaped: "select 1", binds: binds).validated()
        let error = try postgresError {
            try SQL(unescaped: "select 1", binds: binds + [PostgresBind(1)]).validated()
        }
        #expect(error.code == .invalidArgument)
        #expect(error.message.contains("65536"))
    }

    @Test func `a NUL in the text is refused, where libpq would cut it off`() throws {
        let error = try postgresError { try SQL(unescaped: "select 1\0; drop table t").validated() }
        #expect(error.code == .invalidArgument)
    }

    @Test func `more than the server takes in one message is refused`() throws {
        // The same 16 MiB 64 times: the arrays share their storage.
        let chunk = PostgresBind([UInt8](repeating: 0, count: 16 << 20))
        let sql = SQL(unescaped: "select 1", binds: Array(repeating: chunk, count: 64))
        let error = try postgresError { try sql.validated() }
        #expect(error.code == .invalidArgument)
        #expect(error.message.contains("1073741832 bytes"))
    }

    @Test func `an empty statement is allowed`() throws {
        try ("" as SQL).validated()
    }
}
