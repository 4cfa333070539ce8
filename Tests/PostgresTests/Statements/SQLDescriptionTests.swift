import Postgres
import Testing

@Suite("Descriptions of statements")
struct SQLDescriptionTests {
    @Test func `a statement that is printed, reflected or dumped shows no value`() {
        let sql: SQL = "select \("s3cret"), \("s3cret\0"), \(Int?.none), \([UInt8](repeating: 0x73, count: 77))"
        var dumped = ""
        dump(sql, to: &dumped)
        for text in ["\(sql)", String(reflecting: sql), dumped, "\(sql.binds)", String(reflecting: sql.binds)] {
            #expect(!text.contains("s3cret"))
            #expect(!text.contains("115"))
        }
        #expect("\(sql)" == "select $1, $2, $3, $4")
        #expect(
            sql.binds.map(\.description) == ["text (6 bytes)", "text (refused)", "int8 (null)", "bytea (77 bytes)"])
        #expect(dumped.contains("int8"))
    }

    @Test func `a password in the text is not shown either`() {
        #expect("\("alter role a password 's3cret'" as SQL)" == "alter role a password '***'")
    }
}
