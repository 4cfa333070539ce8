import Postgres
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("Arrays")
struct ArrayTests {
    @Test func `an array has the form that the server sends`() throws {
        // select '{1,NULL,-1}'::int2[]
        let bytes = hex("00000001 00000001 00000015 00000003 00000001 00000002 0001 ffffffff 00000002 ffff")
        #expect(try encoded([1, nil, -1] as [Int16?]) == bytes)
        #expect(try PostgresCell(bytes, type: .int2.array).decode([Int16?].self) == [1, nil, -1])
    }

    @Test func `an empty array has no dimension`() throws {
        let bytes = hex("00000000 00000000 00000019")
        #expect(try encoded([] as [String]) == bytes)
        #expect(try roundTrip([] as [String]) == [])
        #expect(try roundTrip([] as [Int?]) == [])
    }

    @Test func `every type comes back from an array of it, with and without nulls`() throws {
        let uuid = UUID()
        let date = Date(timeIntervalSinceReferenceDate: 785_000_000.123456)
        let calendarDate = try #require(PostgresDate(year: 1, month: 1, day: 1))
        let numeric = try #require(PostgresNumeric("-1.50"))
        #expect(try roundTrip([true, false]) == [true, false])
        #expect(try roundTrip([true, nil]) == [true, nil])
        #expect(try roundTrip([Int16.min, .max]) == [.min, .max])
        #expect(try roundTrip([Int32.min, .max]) == [.min, .max])
        #expect(try roundTrip([Int32.min, nil]) == [.min, nil])
        #expect(try roundTrip([Int64.min, .max]) == [.min, .max])
        #expect(try roundTrip([Int64?.none]) == [nil])
        #expect(try roundTrip([Int.min, .max]) == [.min, .max])
        #expect(try roundTrip([1.5, -.infinity]) == [1.5, -.infinity])
        #expect(try roundTrip(["", "ä\u{1F600}", "{\",NULL}"]) == ["", "ä\u{1F600}", "{\",NULL}"])
        #expect(try roundTrip(["", nil]) == ["", nil])
        #expect(try roundTrip([uuid]) == [uuid])
        #expect(try roundTrip([nil, uuid]) == [nil, uuid])
        #expect(try roundTrip([date, date]) == [date, date])
        #expect(try roundTrip([[0, 1], []] as [[UInt8]]) == [[0, 1], []])
        #expect(try roundTrip([[0, 1], nil] as [[UInt8]?]) == [[0, 1], nil])
        #expect(try roundTrip([JSONB("1"), JSONB("\"\"")]) == [JSONB("1"), JSONB("\"\"")])
        #expect(try roundTrip([JSON("1"), nil]) == [JSON("1"), nil])
        #expect(try roundTrip([numeric]) == [numeric])
        #expect(try roundTrip([calendarDate, nil]) == [calendarDate, nil])
    }

    @Test func `arrays are declared with the array type, and bytes with bytea`() {
        #expect(PostgresBind(["a"]).type.oid == 1009)
        #expect(PostgresBind([Int?.none]).type.oid == 1016)
        #expect(PostgresBind([[1]] as [[UInt8]]).type.oid == 1001)
        #expect(PostgresBind([1] as [UInt8]).type.oid == 17)
        #expect(PostgresBind([JSONB("1")]).type.name == "jsonb[]")
    }

    @Test func `an array with a null is refused where no null is wanted, and says which element`() throws {
        let error = try postgresError { _ = try cell(holding: [1, nil] as [Int?]).decode([Int].self) }
        #expect(error.code == .decoding)
        #expect(error.message.contains("element 1"))
        #expect(error.hint == "Decode it as Int? where null is allowed.")
    }

    @Test func `more than one dimension is refused`() throws {
        // select '{{1},{2}}'::int4[]
        let bytes = hex(
            "00000002 00000000 00000017 00000002 00000001 00000001 00000001 00000004 00000001 00000004 00000002")
        let error = try postgresError { _ = try PostgresCell(bytes, type: .int4.array).decode([Int32].self) }
        #expect(error.code == .decoding)
        #expect(error.message.contains("2 dimensions"))
        #expect(error.hint?.contains("unnest") == true)
    }

    @Test func `an array whose first index is not 1 is read in order`() throws {
        // select '[5:6]={7,8}'::int4[]
        let bytes = hex("00000001 00000000 00000017 00000002 00000005 00000004 00000007 00000004 00000008")
        #expect(try PostgresCell(bytes, type: .int4.array).decode([Int].self) == [7, 8])
    }

    @Test(arguments: [
        "", "00000001", "00000001 00000000 00000017",
        // One element is announced and missing; cut short; shorter than it says; longer than it says.
        "00000001 00000000 00000017 00000001 00000001",
        "00000001 00000000 00000017 00000001 00000001 00000004 0000",
        "00000001 00000000 00000017 00000001 00000001 00000008 00000001",
        "00000001 00000000 00000017 00000001 00000001 00000004 00000001 00",
        // Counts and lengths that no array has.
        "00000001 00000000 00000017 7fffffff 00000001 00000004 00000001",
        "00000001 00000000 00000017 ffffffff 00000001 00000004 00000001",
        "00000001 00000000 00000017 00000001 00000001 fffffffe 00000001",
        "00000000 00000000 00000017 00000001",
    ])
    func `bytes that are not an array are refused`(bytes: String) throws {
        let error = try postgresError { _ = try PostgresCell(hex(bytes), type: .int4.array).decode([Int32].self) }
        #expect(error.code == .decoding)
        #expect(error.message.contains("are not the binary form"))
    }

    @Test func `an element of another type is refused`() throws {
        let error = try postgresError { _ = try cell(holding: ["a"]).decode([Int].self) }
        #expect(error.message.contains("of type text, as Swift's Int"))
    }

    @Test func `what is not an array is refused`() throws {
        let error = try postgresError { _ = try cell(holding: "a long enough text").decode([String].self) }
        #expect(error.message.contains("of type text, as Swift's Array<String>"))
    }

    @Test func `an array of a type without known ids is refused when it is bound`() {
        struct Mood: PostgresEncodable, PostgresArrayEncodable {
            static var postgresType: PostgresType { PostgresType(name: "mood") }
            func encode(into buffer: inout PostgresBuffer) { buffer.write("happy") }
        }
        #expect(PostgresBind(Mood()).error == nil)
        #expect(PostgresBind([Mood()]).error?.code == .encoding)
        #expect(PostgresBind([Mood()]).error?.message.contains("mood") == true)
    }

    @Test func `arrays of arrays and lone bytes do not even compile as values, and arrays of bytes do`() {
        // Conformances can be asked for at run time, so that this needs no compiler.
        #expect(!([[Int]].self is any PostgresEncodable.Type))
        #expect(!([[Int]].self is any PostgresDecodable.Type))
        #expect(!([[[UInt8]]].self is any PostgresEncodable.Type))
        #expect(!(UInt8.self is any PostgresEncodable.Type))
        #expect(!([UInt8?].self is any PostgresEncodable.Type))
        #expect([[UInt8]].self is any PostgresEncodable.Type)
        #expect([[UInt8]?].self is any PostgresEncodable.Type)
        #expect([Int?].self is any PostgresDecodable.Type)
    }
}
