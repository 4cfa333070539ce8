import EventSourcing
import Foundation
import Testing

@Suite struct JSONValueTests {
    private func value(_ text: String) throws -> JSONValue { try JSONValue(parsing: text.utf8) }

    @Test(arguments: [
        ("1", "1.0"), ("1", "10e-1"), ("100", "1e2"), ("100", "1E+2"), ("0", "-0"), ("0", "0.000e7"),
        ("-1.50", "-15e-1"),
        ("123456789012345678901234567890", "12345678901234567890123456789e1"), ("1e400", "10e399"),
    ])
    func `numbers are equal if their values are, however they are written`(_ one: String, _ other: String) throws {
        #expect(try value(one) == value(other))
        #expect(try Set([value(one), value(other)]).count == 1)
    }

    @Test(arguments: [
        ("1", "2"), ("1", "-1"), ("10", "1"), ("0.1", "0.01"), ("9007199254740993", "9007199254740992"), ("1", "true"),
    ])
    func `other numbers are not`(_ one: String, _ other: String) throws {
        #expect(try value(one) != value(other))
    }

    @Test func `objects are equal whatever the order of their members`() throws {
        #expect(try value(#"{"a":1,"b":[2]}"#) == value(#"{"b":[2.0],"a":1}"#))
        #expect(try value(#"{"a":1}"#) != value(#"{"a":1,"b":null}"#))
    }

    @Test func `an integer is read where the number is one and fits`() throws {
        #expect(try value("1e2").integer == 100)
        #expect(try value("-9223372036854775808").integer == .min)
        for text in ["9223372036854775808", "0.5", "1e-2", "1e30", "\"1\""] { #expect(try value(text).integer == nil) }
    }

    @Test func `members are found, set and removed by name`() {
        var object: JSONObject = ["b": 2, "a": 1, "c": 3, "a": 9]
        #expect(object.members.map(\.name) == ["a", "b", "c"] && object["a"] == 9, "the last one counts")
        object["b"] = nil
        object["aa"] = 5
        object["c"] = "x"
        #expect(object == ["c": "x", "aa": 5, "a": 9])
        #expect(object["b"] == nil && object[""] == nil && object["d"] == nil)
    }

    /// The parser and the writer against Foundation's, on random values.
    @Test func `it agrees with Foundation on random values`() throws {
        var random = SplitMix(seed: 3)
        for _ in 0..<500 {
            let made = randomValue(depth: 0, &random)
            let text = try made.canonicalText()
            #expect(try JSONValue(parsing: text) == made)
            let foundation = try JSONSerialization.jsonObject(with: Data(text), options: .fragmentsAllowed)
            let again = try JSONSerialization.data(
                withJSONObject: foundation, options: [.fragmentsAllowed, .prettyPrinted])
            #expect(try JSONValue(parsing: again) == made)
            #expect(try JSONValue(parsing: again).canonicalText() == text, "one text for one value")
        }
    }

    private func randomValue(depth: Int, _ random: inout SplitMix) -> JSONValue {
        switch Int.random(in: 0..<(depth < 4 ? 7 : 5), using: &random) {
        case 0: return nil
        case 1: return .bool(Bool.random(using: &random))
        case 2: return .number(JSONNumber(Int64.random(in: -1_000_000...1_000_000, using: &random)))
        case 3, 4: return .string(randomString(&random))
        case 5:
            return .array(
                (0..<Int.random(in: 0..<4, using: &random)).map { _ in randomValue(depth: depth + 1, &random) })
        default:
            return .object(
                JSONObject(
                    (0..<Int.random(in: 0..<5, using: &random)).map { _ in
                        .init(randomString(&random), randomValue(depth: depth + 1, &random))
                    }))
        }
    }

    private func randomString(_ random: inout SplitMix) -> String {
        let alphabet: [Character] = ["a", "b", "Z", "\"", "\\", "/", "\n", "\u{1}", "\u{7F}", "é", "漢", "😀", " "]
        return String(
            (0..<Int.random(in: 0..<6, using: &random)).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
            })
    }
}
