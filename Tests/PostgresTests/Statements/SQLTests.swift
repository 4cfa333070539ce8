import Postgres
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("Statements")
struct SQLTests {
    @Test func `interpolated values become binds and never text`() {
        let name = "'; drop table seats; --"
        let id: Int64? = nil
        let sql: SQL = "select \(name), \(id) from seats where tags = \(["a"]) and id = \(UUID())"
        #expect(sql.text == "select $1, $2 from seats where tags = $3 and id = $4")
        #expect(sql.binds.map(\.type) == [.text, .int8, .text.array, .uuid])
        #expect(sql.binds[0].bytes == Array(name.utf8))
        #expect(sql.binds[1].bytes == nil)
    }

    @Test func `values, nulls and literals of every type can be interpolated`() {
        let bytes: [UInt8] = [1]
        let optional: [UInt8]? = nil
        let maybe: UUID? = UUID()
        let sql: SQL =
            "\(1) \(1.5) \(true) \("text") \(bytes) \(optional) \(maybe) \(Int16(1)) \(JSONB("1")) \([1, nil])"
        #expect(
            sql.binds.map(\.type.name) == [
                "int8", "float8", "bool", "text", "bytea", "bytea", "uuid", "int2", "jsonb", "int8[]",
            ])
    }

    @Test func `a fragment's parameters are renumbered`() {
        let filter: SQL = "kind = \("seat") and size > \(3)"
        let sql: SQL = "select \(true) from t where \(filter) or (\(filter)) limit \(10)"
        #expect(
            sql.text == "select $1 from t where kind = $2 and size > $3 or (kind = $4 and size > $5) limit $6")
        #expect(sql.binds.count == 6)
        #expect(sql.binds[5].type == .int8)
    }

    @Test func `what only looks like a parameter is not renumbered`() {
        let raw = #"'$1' "$1" $1 $t$ $1 $t$ $$ $1 $$ a$1 E'\'$1' /* $1 /* */ $1 */ U&'$1' $2 -- $1"#
        let fragment = SQL(unescaped: raw, binds: [PostgresBind(1), PostgresBind(2)])
        let sql: SQL = "\(0), \(fragment)"
        #expect(
            sql.text == "$1, "
                + #"'$1' "$1" $2 $t$ $1 $t$ $$ $1 $$ a$1 E'\'$1' /* $1 /* */ $1 */ U&'$1' $3 -- $1"#)
    }

    @Test func `a fragment inside a fragment`() {
        let inner: SQL = "a = \(1)"
        let outer: SQL = "b = \(2) and (\(inner))"
        let sql: SQL = "select \(0) where \(outer) and c = \(3)"
        #expect(sql.text == "select $1 where b = $2 and (a = $3) and c = $4")
        #expect(sql.binds.map(\.bytes?.last) == [0, 2, 1, 3])
    }

    @Test func `a parameter never runs into its neighbours`() {
        let sql: SQL = "limit\(1)0 offset\(2)"
        #expect(sql.text == "limit $1 0 offset $2")
        let digits: SQL = "0"
        let fragment: SQL = "\(1)"
        #expect(("\(fragment)\(digits)" as SQL).text == "$1 0")
        #expect(("\(fragment)\(unescaped: "")\(digits)" as SQL).text == "$1 0")
    }

    @Test func `identifiers are quoted`() throws {
        let table = "seat \"map\""
        let sql: SQL = "select * from \(identifier: "skald").\(identifier: table) -- \(unescaped: "raw")"
        #expect(sql.text == #"select * from "skald"."seat ""map""" -- raw"#)
        try sql.validated()
    }

    @Test(arguments: ["", "a\0b", String(repeating: "ä", count: 32)])
    func `what cannot be an identifier is refused when the statement is sent`(name: String) throws {
        let sql: SQL = "select * from \(identifier: name)"
        #expect(try postgresError { try sql.validated() }.code == .invalidArgument)
        let outer: SQL = "select (\(sql))"
        #expect(try postgresError { try outer.validated() }.outcome == .failed)
    }

    @Test func `an identifier of 63 bytes is the longest`() throws {
        try ("select \(identifier: String(repeating: "a", count: 63))" as SQL).validated()
        let long: SQL = "select \(identifier: String(repeating: "a", count: 64))"
        #expect(try postgresError { try long.validated() }.message.contains("64 bytes"))
    }

    @Test func `statements are equal when text and values are`() {
        func statement(_ id: Int) -> SQL { "select \(id)" }
        #expect(statement(1) == statement(1))
        #expect(statement(1).hashValue == statement(1).hashValue)
        #expect(statement(1) != statement(2))
        #expect(("select \("a\0")" as SQL) != "select \(String?.none)")
    }
}
