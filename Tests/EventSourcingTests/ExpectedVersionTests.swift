import EventSourcing
import Testing

@Suite struct ExpectedVersionTests {
    @Test func `the SQL functions' numbers stand for the kinds of expectation`() {
        let table: [(ExpectedVersion, Int64)] = [
            (.noStream, -1), (.any, -2), (.streamExists, -4), (.version(0), 0), (.version(7), 7),
        ]
        for (expected, code) in table {
            #expect(expected.code == code && ExpectedVersion(code: code) == expected)
        }
        #expect(ExpectedVersion(code: -3) == nil && ExpectedVersion(code: -5) == nil)
    }

    @Test func `who saw a stream expects what was seen`() {
        #expect(ExpectedVersion(after: nil) == .noStream)
        #expect(ExpectedVersion(after: 4) == .version(4))
    }
}
