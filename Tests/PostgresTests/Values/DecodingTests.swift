import Postgres
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("Decoding")
struct DecodingTests {
    @Test func `an integer is read from any integer type when it fits`() throws {
        #expect(try roundTrip(Int16.min) == .min)
        #expect(try cell(holding: Int16.min).decode(Int64.self) == -32768)
        #expect(try cell(holding: Int32.max).decode(Int.self) == 2_147_483_647)
        #expect(try cell(holding: Int64(32_767)).decode(Int16.self) == 32_767)
        #expect(try cell(holding: Int64(Int32.min)).decode(Int32.self) == .min)
        #expect(try PostgresCell(hex("ffffffff"), type: .oid).decode(Int64.self) == 4_294_967_295)
    }

    @Test func `an integer that does not fit is refused`() throws {
        let wide = try postgresError { _ = try cell(holding: Int64(32_768)).decode(Int16.self) }
        #expect(wide.code == .decoding)
        #expect(wide.message.contains("of type int8, as Swift's Int16: the value is beyond -32768 to 32767"))
        #expect(throws: PostgresError.self) { try cell(holding: Int64(Int32.min) - 1).decode(Int32.self) }
        #expect(throws: PostgresError.self) { try PostgresCell(hex("80000000"), type: .oid).decode(Int32.self) }
    }

    @Test func `null is refused where a value is wanted`() throws {
        func check<T: PostgresDecodable>(_ type: T.Type, _ postgres: PostgresType) throws {
            let null = PostgresCell(nil, type: postgres)
            let error = try postgresError { _ = try null.decode(T.self) }
            #expect(error.code == .decoding)
            #expect(error.message.hasSuffix("it is null"))
            let optional = try null.decode(T?.self)
            #expect(optional == nil)
        }
        try check(Bool.self, .bool)
        try check(Int16.self, .int2)
        try check(Int32.self, .int4)
        try check(Int64.self, .int8)
        try check(Int.self, .int8)
        try check(Double.self, .float8)
        try check(String.self, .text)
        try check(UUID.self, .uuid)
        try check(Date.self, .timestamptz)
        try check(PostgresDate.self, .date)
        try check(PostgresNumeric.self, .numeric)
        try check(JSON.self, .json)
        try check(JSONB.self, .jsonb)
        try check([UInt8].self, .bytea)
        try check([Int].self, .int8.array)
        try check([String?].self, .text.array)
    }

    @Test func `another type, and bytes of another length, are refused`() throws {
        func check<T: PostgresDecodable>(_ type: T.Type, _ postgres: PostgresType) throws {
            let other = try postgresError { _ = try PostgresCell([1, 2, 3], type: .unknown).decode(T.self) }
            #expect(other.message.hasPrefix("cannot decode a cell, of type unknown, as Swift's \(T.self): "))
            let short = try postgresError { _ = try PostgresCell([1, 2, 3], type: postgres).decode(T.self) }
            #expect(short.message.hasSuffix("its 3 bytes are not the binary form of its type"))
            let empty = try postgresError { _ = try PostgresCell([], type: postgres).decode(T.self) }
            #expect(empty.message.hasSuffix("its 0 bytes are not the binary form of its type"))
        }
        try check(Bool.self, .bool)
        try check(Int16.self, .int2)
        try check(Int32.self, .int4)
        try check(Int64.self, .int8)
        try check(Int.self, .oid)
        try check(Double.self, .float8)
        try check(Double.self, .float4)
        try check(UUID.self, .uuid)
        try check(Date.self, .timestamptz)
        try check(PostgresDate.self, .date)
        try check(PostgresNumeric.self, .numeric)
        try check([Int].self, .int8.array)
    }

    @Test func `a boolean is 0 or 1`() {
        #expect(throws: PostgresError.self) { try PostgresCell([2], type: .bool).decode(Bool.self) }
    }

    @Test func `a type of one's own needs only a raw value`() throws {
        enum Mood: String, PostgresEncodable, PostgresDecodable, PostgresArrayEncodable, PostgresArrayDecodable {
            case happy, sad
        }
        #expect(try roundTrip(Mood.happy) == .happy)
        #expect(try roundTrip([Mood.sad, nil]) == [.sad, nil])
        #expect(try cell(holding: [Mood.sad]).decode([String].self) == ["sad"])
        let error = try postgresError { _ = try cell(holding: "angry").decode(Mood.self) }
        #expect(error.message.hasSuffix("it is none of the type's values"))
        #expect(!error.debugDescription.contains("angry"))
    }

    @Test func `null is bound with the type that the value would have`() {
        let bind = PostgresBind(UUID?.none)
        #expect(bind.bytes == nil)
        #expect(bind.type == .uuid)
        #expect(bind.error == nil)
    }
}
