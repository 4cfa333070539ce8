import Postgres
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("Dates")
struct DateTests {
    @Test func `every microsecond comes back from a date near now, and to the last one in 272 years`() throws {
        for base in [-7_990_000_000.0, -1.0, 0.0, 785_000_000.0, 8_580_000_000.0] {
            for microsecond in stride(from: 0, to: 1_000_000, by: 997) {
                let bytes = try encoded(Date(timeIntervalSinceReferenceDate: base + Double(microsecond) / 1_000_000))
                let date = try PostgresCell(bytes, type: .timestamptz).decode(Date.self)
                #expect(try encoded(date) == bytes)
            }
        }
    }

    @Test func `parts of a microsecond are rounded to the nearest`() throws {
        #expect(try encoded(Date(timeIntervalSinceReferenceDate: 0.000_001_4)) == hex("00001cc2a9eb4001"))
        #expect(try encoded(Date(timeIntervalSinceReferenceDate: 0.000_001_6)) == hex("00001cc2a9eb4002"))
        #expect(try encoded(Date(timeIntervalSinceReferenceDate: -0.000_000_4)) == hex("00001cc2a9eb4000"))
        #expect(try encoded(Date(timeIntervalSinceReferenceDate: 0.999_999_9)) == hex("00001cc2a9fa8240"))
    }

    /// 4714-11-24 BC and the last microsecond of 294276.
    @Test(arguments: ["fd0f7cc1411fa000", "7fffff5bb3b29fff"])
    func `PostgreSQL's first and last instants can be read`(bytes: String) throws {
        let date = try PostgresCell(hex(bytes), type: .timestamptz).decode(Date.self)
        #expect(abs(date.timeIntervalSinceReferenceDate) > 2e11)
    }

    @Test func `the first instant can be bound, and nothing before it`() throws {
        #expect(try encoded(Date(timeIntervalSinceReferenceDate: -211_845_110_400)) == hex("fd0f7cc1411fa000"))
        #expect(PostgresBind(Date(timeIntervalSinceReferenceDate: -211_845_110_401)).error?.code == .encoding)
    }

    @Test(arguments: [Double.infinity, -.infinity, .nan, 1e300, -1e300, 9_223_339_708_800])
    func `a date that PostgreSQL does not have is refused when it is bound`(seconds: Double) {
        #expect(PostgresBind(Date(timeIntervalSinceReferenceDate: seconds)).error?.code == .encoding)
    }

    @Test(arguments: [("7fffffffffffffff", "it is infinity"), ("8000000000000000", "it is -infinity")])
    func `an infinite timestamp is refused by name`(bytes: String, words: String) throws {
        let error = try postgresError { _ = try PostgresCell(hex(bytes), type: .timestamptz).decode(Date.self) }
        #expect(error.message.hasSuffix(words))
    }

    @Test func `a timestamp without time zone is refused, because it names no instant`() throws {
        let error = try postgresError {
            _ = try PostgresCell(hex("0000000000000000"), type: .timestamp).decode(Date.self)
        }
        #expect(error.message.contains("of type timestamp, as Swift's Date"))
    }

    @Test(
        arguments: [
            (9_223_339_708_799.998, true), (9_223_339_708_800, false), (9_223_340_414_400, false),
            (9_223_340_500_000, false), (9.5e12, false), (1e13, false), (-211_845_110_400, true),
            (-211_845_110_400.001, false), (-9_223_403_660_000, false), (-9.5e12, false), (-1e13, false),
            (.infinity, false),
        ] as [(Double, Bool)])
    func `a date is taken up to the ends of timestamptz and refused beyond them`(seconds: Double, isTaken: Bool) {
        let bind = PostgresBind(Date(timeIntervalSinceReferenceDate: seconds))
        #expect((bind.error == nil) == isTaken)
    }
}

@Suite("Calendar dates")
struct PostgresDateTests {
    @Test(arguments: [
        (2026, 13, 1), (2026, 0, 1), (2026, 1, 0), (2026, 2, 29), (2026, 4, 31), (1900, 2, 29), (-4713, 11, 23),
        (5_874_898, 1, 1), (Int.max, 1, 1), (Int.min, 1, 1),
    ])
    func `a date that does not exist is refused`(year: Int, month: Int, day: Int) {
        #expect(PostgresDate(year: year, month: month, day: day) == nil)
    }

    @Test func `every day of four hundred years follows the one before`() throws {
        var date = try #require(PostgresDate(year: 1900, month: 1, day: 1))
        let end = try #require(PostgresDate(year: 2300, month: 1, day: 1))
        while date < end {
            let (year, month, day) = date.parts
            #expect(PostgresDate(year: year, month: month, day: day) == date)
            let next = try #require(PostgresDate(daysSince2000: Int(date.daysSince2000) + 1))
            let follows =
                next.parts == (year, month, day + 1) || next.parts == (year, month + 1, 1)
                || next.parts == (year + 1, 1, 1)
            #expect(follows)
            date = next
        }
    }

    @Test(arguments: [
        (2026, 1, 2, "2026-01-02"), (33, 4, 3, "0033-04-03"), (0, 2, 29, "0000-02-29"), (-43, 3, 15, "-0043-03-15"),
        (5_874_897, 12, 31, "5874897-12-31"),
    ])
    func `a date is written as ISO 8601`(year: Int, month: Int, day: Int, text: String) throws {
        #expect(try #require(PostgresDate(year: year, month: month, day: day)).description == text)
    }

    @Test(arguments: [("7fffffff", "it is infinity"), ("80000000", "it is -infinity")])
    func `an infinite date is refused by name`(bytes: String, words: String) throws {
        let error = try postgresError { _ = try PostgresCell(hex(bytes), type: .date).decode(PostgresDate.self) }
        #expect(error.message.hasSuffix(words))
    }
}
