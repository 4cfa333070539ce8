import Postgres
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Values against bytes that a PostgreSQL 15 server sent (`select …` with binary results), so that an encoder and a decoder
/// cannot be wrong together.
@Suite("Binary formats")
struct BinaryFormatTests {
    @Test(arguments: [
        (false, "00"), (true, "01"),
    ])
    func `booleans`(value: Bool, bytes: String) throws {
        #expect(try encoded(value) == hex(bytes))
        #expect(try PostgresCell(hex(bytes), type: .bool).decode(Bool.self) == value)
    }

    @Test(arguments: [
        (Int64.min, "8000000000000000"), (-1, "ffffffffffffffff"), (0, "0000000000000000"), (1, "0000000000000001"),
        (Int64.max, "7fffffffffffffff"),
    ])
    func `eight-byte integers`(value: Int64, bytes: String) throws {
        #expect(try encoded(value) == hex(bytes))
        #expect(try encoded(Int(value)) == hex(bytes))
        #expect(try PostgresCell(hex(bytes), type: .int8).decode(Int64.self) == value)
    }

    @Test(arguments: [(Int32.min, "80000000"), (-2, "fffffffe"), (Int32.max, "7fffffff")])
    func `four-byte integers`(value: Int32, bytes: String) throws {
        #expect(try encoded(value) == hex(bytes))
        #expect(try PostgresCell(hex(bytes), type: .int4).decode(Int32.self) == value)
    }

    @Test(arguments: [(Int16.min, "8000"), (-2, "fffe"), (Int16.max, "7fff")])
    func `two-byte integers`(value: Int16, bytes: String) throws {
        #expect(try encoded(value) == hex(bytes))
        #expect(try PostgresCell(hex(bytes), type: .int2).decode(Int16.self) == value)
    }

    @Test(arguments: [
        (0.1, "3fb999999999999a"), (-0.0, "8000000000000000"), (.infinity, "7ff0000000000000"),
        (-.infinity, "fff0000000000000"), (.greatestFiniteMagnitude, "7fefffffffffffff"),
        (.leastNonzeroMagnitude, "0000000000000001"),
    ])
    func `doubles`(value: Double, bytes: String) throws {
        #expect(try encoded(value) == hex(bytes))
        #expect(try PostgresCell(hex(bytes), type: .float8).decode(Double.self).bitPattern == value.bitPattern)
    }

    @Test func `not a number comes back as not a number`() throws {
        #expect(try roundTrip(Double.nan).isNaN)
    }

    @Test func `a four-byte float is read as the double of the same value`() throws {
        #expect(try PostgresCell(hex("3fc00000"), type: .float4).decode(Double.self) == 1.5)
    }

    @Test func `a UUID is its sixteen bytes`() throws {
        let uuid = try #require(UUID(uuidString: "00112233-4455-6677-8899-AABBCCDDEEFF"))
        #expect(try encoded(uuid) == hex("00112233445566778899aabbccddeeff"))
        #expect(try roundTrip(uuid) == uuid)
    }

    @Test(arguments: [
        // Seconds since 2001, as Swift counts; microseconds since 2000, as PostgreSQL does.
        (-31_622_400.0, "0000000000000000"),  // 2000-01-01 00:00:00
        (0.0, "00001cc2a9eb4000"),  // 2001-01-01 00:00:00
        (-31_622_400.000001, "ffffffffffffffff"),  // 1999-12-31 23:59:59.999999
        (-63_113_904_000, "ff1fe2ffc59c6000"),  // 0001-01-01
        (63_113_904_000, "00e056858e3a2000"),  // 4001-01-01
    ])
    func `instants`(seconds: Double, bytes: String) throws {
        let date = Date(timeIntervalSinceReferenceDate: seconds)
        #expect(try encoded(date) == hex(bytes))
        let decoded = try PostgresCell(hex(bytes), type: .timestamptz).decode(Date.self)
        #expect(abs(decoded.timeIntervalSinceReferenceDate - seconds) < 1e-7)
    }

    @Test(arguments: [
        (2000, 1, 1, "00000000"), (1999, 12, 31, "ffffffff"), (2026, 11, 22, "0000265e"), (2024, 2, 29, "00002279"),
        (-4713, 11, 24, "ffda97a7"), (5_874_897, 12, 31, "7fda970c"), (0, 2, 29, "fff4dac6"),
    ])
    func `calendar dates`(year: Int, month: Int, day: Int, bytes: String) throws {
        let date = try #require(PostgresDate(year: year, month: month, day: day))
        #expect(try encoded(date) == hex(bytes))
        #expect(try PostgresCell(hex(bytes), type: .date).decode(PostgresDate.self) == date)
        #expect(date.parts == (year, month, day))
    }

    @Test func `jsonb has a version byte, and json has none`() throws {
        #expect(try encoded(JSONB("{}")) == hex("01 7b7d"))
        #expect(try encoded(JSON("{}")) == hex("7b7d"))
        #expect(try PostgresCell(hex("01 7b7d"), type: .jsonb).decode(JSON.self) == JSON("{}"))
        #expect(try PostgresCell(hex("7b7d"), type: .json).decode(JSONB.self) == JSONB("{}"))
        #expect(try PostgresCell(hex("01 7b7d"), type: .jsonb).decode(String.self) == "{}")
    }

    @Test func `bytes are themselves, also when there are none`() throws {
        #expect(try encoded([0, 255] as [UInt8]) == [0, 255])
        #expect(try roundTrip([] as [UInt8]) == [])
        #expect(PostgresBind([1, 2] as [UInt8]).type == .bytea)
    }
}
