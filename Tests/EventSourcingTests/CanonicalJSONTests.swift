import Testing

@testable import EventSourcing

/// The short cut for text that is canonical already: it must say yes only where the long way would change nothing.
@Suite struct CanonicalJSONTests {
    private static let canonical = [
        "{}", "[]", "null", "true", "false", "0", "-1.50", #""""#, #""é漢😀""#, #"{"a":1,"b":[2,{"c":null}],"é":"x"}"#,
        #"{"":0,"A":1,"a":{},"aa":[[],{}]}"#, "[" + String(repeating: "9", count: 1_000) + "]",
        String(repeating: "[", count: 64) + String(repeating: "]", count: 64),
    ]

    @Test(arguments: canonical)
    func `canonical text is recognised`(text: String) throws {
        #expect(CanonicalJSON.isKnown(Array(text.utf8)))
        #expect(try JSONText.write(JSONText.parse(Array(text.utf8))) == Array(text.utf8))
    }

    @Test(arguments: [
        "", " 1", "1 ", #"{"b":1,"a":2}"#, #"{"a":1,"a":1}"#, #"{"a":1,}"#, "[1,]", #"{"a" :1}"#, "[1, 2]", "01", "1.",
        ".5", "+1",
        "-", "1e5", "1E2", "tru", "nulll", #""a"#, "\"\u{1}\"", #""\n""#, #""\u0041""#, #"{a:1}"#, "[1 2]", "{1:2}",
        "1]",
        String(repeating: "9", count: 1_001),
        String(repeating: "[", count: 65) + String(repeating: "]", count: 65),
    ])
    func `other text goes the long way`(text: String) {
        #expect(!CanonicalJSON.isKnown(Array(text.utf8)))
    }

    @Test func `bytes that are not UTF-8 go the long way`() {
        for bad: [UInt8] in [[0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80]] {
            #expect(!CanonicalJSON.isKnown([UInt8(ascii: "\"")] + bad + [UInt8(ascii: "\"")]))
        }
    }

    /// Canonical texts with a few bytes changed, taken out or put in.
    @Test func `what it recognises, the long way leaves as it is`() throws {
        var random = SplitMix(seed: 11)
        let bytes = Array("{}[]\",:0123-.eE\\ \u{1}aé".utf8)
        var recognised = 0
        for _ in 0..<60_000 {
            var text = Array(Self.canonical.filter { $0.utf8.count < 100 }.randomElement(using: &random)!.utf8)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0...text.count, using: &random)
                let new = bytes.randomElement(using: &random)!
                switch Int.random(in: 0..<3, using: &random) {
                case 0: text.insert(new, at: place)
                case 1 where place < text.count: text.remove(at: place)
                case 2 where place < text.count: text[place] = new
                default: break
                }
            }
            guard CanonicalJSON.isKnown(text) else { continue }
            recognised += 1
            let again = try JSONText.write(JSONText.parse(text))
            #expect(again == text, "\(String(decoding: text, as: UTF8.self))")
        }
        #expect(recognised > 1_000)
    }
}
