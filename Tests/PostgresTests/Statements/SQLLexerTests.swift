import Testing

@testable import Postgres

@Suite("SQL tokens")
struct SQLLexerTests {
    @Test(arguments: [
        ("'a''b' c", ["'a''b'", " ", "c"]),
        (#"E'a\'b' c"#, [#"E'a\'b'"#, " ", "c"]),
        (#"'a\' c"#, [#"'a\'"#, " ", "c"]),
        (#"typE'a\' c"#, ["typE", #"'a\'"#, " ", "c"]),
        (#""a""b"c"#, [#""a""b""#, "c"]),
        ("$1+$22", ["$1", "+", "$22"]),
        ("a$1 $b", ["a$1", " ", "$", "b"]),
        ("$$a$b$$c", ["$$a$b$$", "c"]),
        ("$t$ $$ $t$ c", ["$t$ $$ $t$", " ", "c"]),
        ("a--b\nc", ["a", "--b", "\n", "c"]),
        ("a/*b/*c*/d*/e", ["a", "/*b/*c*/d*/", "e"]),
        ("1e3.5", ["1e3", ".", "5"]),
        ("größe", ["größe"]),
        // What has no end reaches to the end.
        ("'abc", ["'abc"]), (#"E'abc\"#, [#"E'abc\"#]), ("$t$abc", ["$t$abc"]), ("/*abc", ["/*abc"]), ("/*", ["/*"]),
        ("\"abc", ["\"abc"]), ("$", ["$"]), ("$t", ["$", "t"]),
    ])
    func `a text is cut into tokens and nothing of it is lost`(text: String, tokens: [String]) {
        let lexer = SQLLexer(text)
        #expect(lexer.map { lexer.text(of: $0) } == tokens)
    }

    @Test func `a number beyond any parameter's is not a parameter`() {
        #expect(SQLLexer("$65535").map(\.kind) == [.parameter(65_535)])
        #expect(SQLLexer("$65536").map(\.kind) == [.symbol])
        #expect(SQLLexer("$99999999999999999999").map(\.kind) == [.symbol])
    }
}
