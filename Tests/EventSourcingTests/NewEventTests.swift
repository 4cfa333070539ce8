import EventSourcing
import Foundation
import Testing

/// Whatever can be said about one event is said when it is made.
@Suite struct NewEventTests {
    @Test func `JSON in any layout becomes canonical`() throws {
        let event = try NewEvent(type: "a.b", json: " { \"b\" : [ 1 , 2.50 ] ,\n\"a\":\"\\u00e9\\/\", \"B\":null } ")
        #expect(String(decoding: event.data, as: UTF8.self) == #"{"B":null,"a":"é/","b":[1,2.50]}"#)
    }

    @Test(arguments: [
        ("", "ends too early"), ("{", "ends too early"), ("{}x", "goes on after its end"),
        (#"{"a":1,}"#, "comma after the last"),
        ("[1 2]", "lacks a comma"), (#"{"a" 1}"#, "lacks a colon"), ("{a:1}", "no name in quotes"),
        ("tru", "a word that is not"),
        ("01", "goes on after its end"), ("1.", "not a JSON value"), ("-", "not a JSON value"),
        (".5", "not a JSON value"),
        ("1e", "not a JSON value"), ("+1", "not a JSON value"), ("NaN", "not a JSON value"),
        ("\"a", "ends within a string"),
        ("\"a\n\"", "control character in a string"), (#""\x""#, "unknown escape"),
        (#""\u12g4""#, "four hexadecimal digits"),
        (#""\ud800""#, "one half of a surrogate pair"), (#""\ud800\u0041""#, "one half of a surrogate pair"),
        (#""\udc00""#, "one half of a surrogate pair"), (#""a\u0000b""#, "U+0000"), (#"{"\u0000":1}"#, "U+0000"),
        (#"{"a":1,"b":2,"a":3}"#, "has the name \"a\" twice"), (#"{"a":1,"\u0061":3}"#, "has the name \"a\" twice"),
        ("1e1001", "exponent beyond ±1,000"), ("1e-1001", "exponent beyond ±1,000"),
        ("1e99999999999999999999", "exponent beyond ±1,000"),
    ])
    func `what is no JSON, or none that the log can hold, is refused`(_ json: String, _ words: String) {
        let error = storeError { _ = try NewEvent(type: "a.b", json: json) }
        #expect(error?.code == .invalidArgument && error?.argument == "data")
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "accepted")")
        #expect(error?.message.hasPrefix("the data of an event of type \"a.b\" ") == true)
    }

    @Test func `bytes that are not UTF-8 are refused`() {
        for bytes: [UInt8] in [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xC0, 0x80]] {
            let error = storeError { _ = try NewEvent(type: "a.b", json: [0x22] + bytes + [0x22]) }
            #expect(error?.message.contains("not UTF-8") == true)
        }
    }

    @Test func `nesting ends at 64 levels`() {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(storeError { _ = try NewEvent(type: "a.b", json: nested(64)) } == nil)
        for depth in [65, 100_000] {
            let error = storeError { _ = try NewEvent(type: "a.b", json: nested(depth)) }
            #expect(error?.message.contains("nested deeper than 64 levels") == true)
        }
    }

    @Test func `sizes, types and tags have limits, each named`() throws {
        let mebibyte = "\"" + String(repeating: "x", count: 1_048_574) + "\""
        #expect(storeError { _ = try NewEvent(type: "a.b", json: mebibyte) } == nil)
        let tag = String(repeating: "t", count: 250)
        #expect(storeError { _ = try NewEvent(type: tag, json: "{}", tags: Array(repeating: tag, count: 64)) } == nil)
        let table: [(String, String, () throws -> NewEvent)] = [
            ("data", "may have 1048576 bytes", { try NewEvent(type: "a.b", json: mebibyte.dropLast() + "x\"") }),
            ("type", "1 to 250 bytes", { try NewEvent(type: "", json: "{}") }),
            ("type", "1 to 250 bytes", { try NewEvent(type: tag + "x", json: "{}") }),
            ("type", "control characters", { try NewEvent(type: "a\n", json: "{}") }),
            ("tags", "1 to 250 bytes", { try NewEvent(type: "a.b", json: "{}", tags: [tag + "x"]) }),
            ("tags", "1 to 250 bytes", { try NewEvent(type: "a.b", json: "{}", tags: [""]) }),
            ("tags", "control characters", { try NewEvent(type: "a.b", json: "{}", tags: ["a\u{0}"]) }),
            (
                "tags", "may have 64 tags",
                { try NewEvent(type: "a.b", json: "{}", tags: Array(repeating: "t", count: 65)) }
            ),
        ]
        for (argument, words, make) in table {
            let error = storeError { _ = try make() }
            #expect(error?.argument == argument && error?.message.contains(words) == true, "\(words)")
        }
    }
}
