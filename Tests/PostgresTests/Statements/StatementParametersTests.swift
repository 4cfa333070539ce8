import Testing

@testable import Postgres

@Suite("Statement parameters")
struct StatementParametersTests {
    @Test func `libpq is given types, lengths, formats and bytes in order`() throws {
        let sql: SQL = "\("ab") \(Int?.none) \([] as [UInt8]) \(Int16(-2))"
        sql.withParameters { parameters in
            #expect(parameters.count == 4)
            #expect((0..<4).map { parameters.types[$0] } == [25, 20, 17, 21])
            #expect((0..<4).map { parameters.lengths[$0] } == [2, 0, 0, 2])
            #expect((0..<4).map { parameters.formats[$0] } == [1, 1, 1, 1])
            #expect(parameters.values[1] == nil)
            // Empty is not null.
            #expect(parameters.values[2] != nil)
            #expect(parameters.values[0].map { [$0[0], $0[1]] } == [0x61, 0x62])
            #expect(parameters.values[3].map { [$0[0], $0[1]] } == [-1, -2])
        }
    }

    @Test func `a statement without parameters has none`() {
        ("select 1" as SQL).withParameters { #expect($0.count == 0) }
    }
}
