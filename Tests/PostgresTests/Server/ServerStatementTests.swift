import Postgres
import Testing

/// The statements that interpolation makes mean to the server what they meant to their author.
@Suite("Statements on a server")
struct ServerStatementTests {
    @Test func `the server takes for parameters what the lexer took for parameters`() async throws {
        try await TestServer.withClient { client in
            let fragment = SQL(
                unescaped: #"'$1', $t$ $1 $t$, $$$1$$, E'\'$1', $1 as "$1" /* $1 /* */ $1 */, $2 -- $1"#,
                binds: [PostgresBind("one"), PostgresBind("two")])
            let row = try await client.query("select \("zero"), \(fragment)").one()
            let texts = try (0..<row.count).map { try row[$0].decode(String.self) }
            #expect(texts == ["zero", "$1", " $1 ", "$1", "'$1", "one", "two"])
        }
    }

    @Test(arguments: ["plain", "Seat Map", "a\"b", "\"", "$1", "';--", "größe\u{1F600}", "select", "a\\b"])
    func `any name can be an identifier`(name: String) async throws {
        try await TestServer.withClient { client in
            try await client.execute("create table \(identifier: name) (\(identifier: name) bigint)")
            try await client.execute("insert into \(identifier: name) (\(identifier: name)) values (\(7))")
            let rows = try await client.query("select * from \(identifier: name)")
            #expect(rows.columns.map(\.name) == [name])
            #expect(try rows.one().decode(name, as: Int.self) == 7)
        }
    }

    @Test func `no value changes what a statement does`() async throws {
        try await TestServer.withClient { client in
            let hostile = "'; drop table t; -- $1 \\ \" $$"
            try await client.execute("create table t (name text)")
            try await client.execute("insert into t values (\(hostile))")
            let rows = try await client.query("select name from t where name = \(hostile)")
            #expect(try rows.one().decode(String.self) == hostile)
        }
    }

    @Test func `a type without known ids is inferred by the server`() async throws {
        enum Mood: String, PostgresEncodable, PostgresDecodable {
            case happy
            static var postgresType: PostgresType { PostgresType(name: "mood") }
        }
        try await TestServer.withClient { client in
            try await client.execute("create type mood as enum ('happy', 'sad')")
            let row = try await client.query("select (\(Mood.happy)::mood)::text, \(["sad"])::text[]::mood[] = '{sad}'")
                .one()
            let (mood, isEqual) = try row.decode(Mood.self, Bool.self)
            #expect(mood == .happy && isEqual)
        }
    }
}
