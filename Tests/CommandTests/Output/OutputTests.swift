import Foundation
import Testing

@testable import SkaldCLI

@Suite("Answers and failures")
struct OutputTests {
    @Test func `JSON keeps its order, escapes what it must, and carries stored JSON byte for byte`() throws {
        let json: OutputJSON = [
            "z": .string("a\"b\\c\n\u{1}é"), "a": .raw(#"{"amount":12345678901234567890.1234567890}"#),
            "list": [.integer(-1), .null, .bool(true)], "none": [:],
        ]
        #expect(
            json.text
                == #"{"z":"a\"b\\c\n\u0001é","a":{"amount":12345678901234567890.1234567890},"list":[-1,null,true],"none":{}}"#
        )
        _ = try JSONSerialization.jsonObject(with: Data(json.text.utf8))
    }

    @Test func `a failure says what, why and what next, in the width there is`() {
        let failure = CommandFailure(
            .notFound, "there is no stream 'seat-A9'", why: "\tline one\nand two",
            next: "see 'skald stream ls --prefix seat'")
        var style = OutputStyle(environment: [:], terminalWidth: nil)
        #expect(
            failure.lines(style) == [
                "error: there is no stream 'seat-A9'", "why:   line one", "       and two",
                "next:  see 'skald stream ls --prefix seat'",
            ])
        style.width = 30
        #expect(failure.lines(style).allSatisfy { $0.displayWidth <= 30 })
        #expect(
            failure.json.text
                == #"{"error":{"status":3,"what":"there is no stream 'seat-A9'","why":"\tline one\nand two","next":"see 'skald stream ls --prefix seat'"}}"#
        )
    }

    @Test(arguments: [
        (0.0, "0.0s"), (0.44, "0.4s"), (59.6, "1m"), (61, "1m 1s"), (3600, "1h"), (90_061, "1d 1h"), (-3, "0.0s"),
        (3605, "1h"),
    ])
    func `ages are written in their two largest units`(seconds: Double, text: String) {
        #expect(Moment.age(seconds) == text)
    }

    @Test(
        arguments: [
            ("a", ["SKALD_URL": "b", "DATABASE_URL": "c"], "a", "--url"),
            (nil, ["SKALD_URL": "b", "DATABASE_URL": "c"], "b", "SKALD_URL"),
            (nil, ["SKALD_URL": "", "DATABASE_URL": "c"], "c", "DATABASE_URL"),
            (nil, ["PGHOST": "h", "PGUSER": "u"], "", "PGHOST, PGUSER"),
        ] as [(String?, [String: String], String, String)])
    func `the connection comes from the flag, then SKALD_URL, then DATABASE_URL, then libpq's variables`(
        flag: String?, environment: [String: String], text: String, origin: String
    ) {
        let choice = ConnectionChoice(flag: flag, environment: environment)
        #expect(choice.text == text)
        #expect(choice.origin == origin)
    }
}
