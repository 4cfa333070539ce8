import Testing

@testable import Postgres

@Suite("Text")
struct TextTests {
    @Test(arguments: ["", "a", "ä€\u{1F600}", "\u{FFFF}\u{10FFFF}", "line\nline", "'; drop table seats; --"])
    func `text comes back as it was`(text: String) throws {
        #expect(try roundTrip(text) == text)
    }

    @Test(arguments: ["\0", "a\0", "\0a", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\0"])
    func `a NUL is refused when it is bound`(text: String) {
        let error = PostgresBind(text).error
        #expect(error?.code == .encoding)
        #expect(error?.message.contains("NUL") == true)
        #expect(PostgresBind(["fine", text]).error?.code == .encoding)
        #expect(PostgresBind([text, nil]).error?.code == .encoding)
    }

    @Test(arguments: ["ff", "c3", "61 80", "eda080", "f4908080", "c080"])
    func `bytes that are not UTF-8 are refused when they are read`(bytes: String) throws {
        let error = try postgresError { _ = try PostgresCell(hex(bytes), type: .text).decode(String.self) }
        #expect(error.code == .decoding)
        #expect(error.message.contains("not UTF-8"))
    }

    @Test(arguments: [PostgresType.text, .varchar, .bpchar, .name, .json, .xml, .char, .unknown])
    func `every type whose binary form is text is read as text`(type: PostgresType) throws {
        #expect(try PostgresCell([0x61], type: type).decode(String.self) == "a")
    }

    @Test(arguments: [PostgresType.int8, .uuid, .bytea, .numeric, PostgresType(name: "mood", oid: 16_400)])
    func `other types are not taken for text`(type: PostgresType) throws {
        let error = try postgresError { _ = try PostgresCell([0x61], type: type).decode(String.self) }
        #expect(error.hint == "Cast it in SQL: (…)::text.")
    }

    @Test func `what came as text is read as text, whatever its type`() throws {
        #expect(try PostgresCell(Array("12".utf8), type: .int8, isText: true).decode(String.self) == "12")
        let error = try postgresError {
            _ = try PostgresCell(Array("12".utf8), type: .int8, isText: true).decode(Int64.self)
        }
        #expect(error.message.contains("it came as text"))
    }

    @Test func `the search for invalid UTF-8 agrees with the standard library on every two, and many more, bytes`() {
        func check(_ bytes: [UInt8]) -> Bool {
            let found = bytes.withUnsafeBytes { Scan.firstInvalidUTF8($0) }
            return (found == nil) == (String(validating: bytes, as: UTF8.self) != nil)
        }
        var disagreements: [[UInt8]] = []
        let edges: [UInt8] = [
            0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC2, 0xE0, 0xE1, 0xED, 0xF0, 0xF1, 0xF4, 0xF5,
        ]
        for a in UInt8.min...UInt8.max {
            for b in UInt8.min...UInt8.max where !check([a, b]) { disagreements.append([a, b]) }
        }
        for a in edges {
            for b in edges {
                for c in edges {
                    for d in edges {
                        // Behind enough letters that the search by eights has begun, and ends in the middle.
                        for bytes in [[a, b, c, d], Array(repeating: 0x61, count: 13) + [a, b, c, d]]
                        where !check(bytes) {
                            disagreements.append(bytes)
                        }
                    }
                }
            }
        }
        #expect(disagreements.isEmpty)
    }

    @Test func `the search names the byte where it stops`() {
        #expect(Array("aaaaaaaaaaä".utf8).withUnsafeBytes { Scan.firstInvalidUTF8($0) } == nil)
        #expect((Array("aaaaaaaaaaä".utf8) + [0xFF]).withUnsafeBytes { Scan.firstInvalidUTF8($0) } == 12)
    }
}

@Suite("JSON")
struct JSONTests {
    @Test(arguments: [
        #"{"a":"\u0000"}"#, #""\u0000""#, #""\\\u0000""#, #"["\n\u0000"]"#,
    ])
    func `jsonb with an escaped NUL is refused when it is bound, and json is not`(text: String) {
        #expect(PostgresBind(JSONB(text)).error?.code == .encoding)
        #expect(PostgresBind(JSONB(text)).error?.message.contains("u0000") == true)
        #expect(PostgresBind(JSON(text)).error == nil)
        #expect(PostgresBind([JSONB("1"), JSONB(text)]).error?.code == .encoding)
    }

    @Test(arguments: [
        #""\\u0000""#, #""u0000""#, #""\u0001""#, #""\u000""#, #""\\\\u0000""#,
        #""\u00000""#.replacing("\\u0000", with: "\\u1000"),
    ])
    func `what only looks like an escaped NUL is bound`(text: String) {
        #expect(PostgresBind(JSONB(text)).error == nil)
    }

    @Test func `a text that ends in the middle of an escape does no harm`() {
        for text in ["\"\\", "\"\\u", "\"\\u000", "\\"] {
            #expect(PostgresBind(JSONB(text)).error == nil)
        }
    }

    @Test func `NUL bytes and bytes that are not UTF-8 are refused`() {
        #expect(PostgresBind(JSONB([0x22, 0, 0x22])).error?.message.contains("NUL") == true)
        #expect(PostgresBind(JSON([0x22, 0, 0x22])).error?.message.contains("NUL") == true)
        #expect(PostgresBind(JSONB([0x22, 0xFF, 0x22])).error?.message.contains("not UTF-8 from byte 1") == true)
        #expect(PostgresBind(JSON([0x22, 0xFF, 0x22])).error?.message.contains("not UTF-8 from byte 1") == true)
    }

    @Test func `jsonb of a later version is refused`() throws {
        #expect(
            try postgresError { _ = try PostgresCell([2, 0x31], type: .jsonb).decode(JSONB.self) }.code == .decoding)
        #expect(try postgresError { _ = try PostgresCell([], type: .jsonb).decode(String.self) }.code == .decoding)
    }
}
