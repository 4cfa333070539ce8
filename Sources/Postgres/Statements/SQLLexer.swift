/// Cuts a statement's text into tokens: enough to tell what is quoted from what is not.
///
/// Source: PostgreSQL documentation, section 4.1, "Lexical Structure", with `standard_conforming_strings` on. Text that is
/// not lexically whole, such as a literal without an end, gives a last token that reaches to the end.
struct SQLLexer: Sequence, IteratorProtocol {
    /// What a token is.
    enum Kind: Equatable {
        /// A key word or a name without quotes.
        case word
        /// A text literal of any kind: `'…'`, `E'…'`, `$$…$$`.
        case literal
        /// A name in double quotes.
        case quotedName
        /// `$1`, with its number.
        case parameter(Int)
        case comment
        case blank
        /// Anything else, one byte at a time; the bytes of a character that is not ASCII are parts of words.
        case symbol
    }

    /// A kind and the bytes that it covers.
    struct Token {
        let kind: Kind
        let range: Range<Int>
    }

    let bytes: [UInt8]
    private var position = 0

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    mutating func next() -> Token? {
        guard position < bytes.count else { return nil }
        let start = position
        let kind = scan()
        return Token(kind: kind, range: start..<position)
    }

    /// A token's text.
    func text(of token: Token) -> String { String(decoding: bytes[token.range], as: UTF8.self) }

    private func byte(_ offset: Int = 0) -> UInt8? {
        position + offset < bytes.count ? bytes[position + offset] : nil
    }

    private mutating func scan() -> Kind {
        let first = bytes[position]
        switch first {
        case UInt8(ascii: "'"):
            skipQuoted(by: first, backslashes: false)
            return .literal
        case UInt8(ascii: "\""):
            skipQuoted(by: first, backslashes: false)
            return .quotedName
        case _ where first | 0x20 == UInt8(ascii: "e") && byte(1) == UInt8(ascii: "'"):
            position += 1
            skipQuoted(by: UInt8(ascii: "'"), backslashes: true)
            return .literal
        case UInt8(ascii: "-") where byte(1) == UInt8(ascii: "-"):
            skip { $0 != UInt8(ascii: "\n") }
            return .comment
        case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "*"):
            skipBlockComment()
            return .comment
        case UInt8(ascii: "$"):
            return scanDollar()
        default:
            return scanPlain(first)
        }
    }

    private mutating func scanPlain(_ first: UInt8) -> Kind {
        if first.isWordStart {
            skip(while: \.isWordPart)
            return .word
        }
        if first.isDigit {
            // Letters that follow belong to the number (0x1f, 1e3) or make it an error; `$` does not.
            skip { $0.isWordStart || $0.isDigit }
            return .symbol
        }
        if first.isBlank {
            skip(while: \.isBlank)
            return .blank
        }
        position += 1
        return .symbol
    }

    private mutating func scanDollar() -> Kind {
        let start = position
        position += 1
        if byte()?.isDigit == true {
            skip(while: \.isDigit)
            let number = Int(String(decoding: bytes[(start + 1)..<position], as: UTF8.self))
            return number.flatMap { $0 <= SQL.maximumBinds ? .parameter($0) : nil } ?? .symbol
        }
        if byte()?.isWordStart == true { skip { $0.isWordPart && $0 != UInt8(ascii: "$") } }
        guard byte() == UInt8(ascii: "$") else {
            position = start + 1
            return .symbol
        }
        position += 1
        skip(past: Array(bytes[start..<position]))
        return .literal
    }

    private mutating func skip(while belongs: (UInt8) -> Bool) {
        while let next = byte(), belongs(next) { position += 1 }
    }

    /// To behind the next occurrence of `mark`, or to the end.
    private mutating func skip(past mark: [UInt8]) {
        while position < bytes.count {
            if bytes[position...].starts(with: mark) {
                position += mark.count
                return
            }
            position += 1
        }
    }

    /// To behind the closing quote. A doubled quote stands for itself.
    private mutating func skipQuoted(by quote: UInt8, backslashes: Bool) {
        position += 1
        while let next = byte() {
            position += 1
            if next == UInt8(ascii: "\\"), backslashes {
                position = Swift.min(position + 1, bytes.count)
            } else if next == quote {
                guard byte() == quote else { return }
                position += 1
            }
        }
    }

    /// Block comments nest.
    private mutating func skipBlockComment() {
        var depth = 0
        repeat {
            if byte() == UInt8(ascii: "/"), byte(1) == UInt8(ascii: "*") {
                depth += 1
                position += 2
            } else if byte() == UInt8(ascii: "*"), byte(1) == UInt8(ascii: "/") {
                depth -= 1
                position += 2
            } else {
                position += 1
            }
        } while depth > 0 && position < bytes.count
        position = Swift.min(position, bytes.count)
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

    fileprivate var isWordStart: Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) || self == UInt8(ascii: "_") || self >= 0x80
    }

    fileprivate var isWordPart: Bool { isWordStart || isDigit || self == UInt8(ascii: "$") }

    /// Whether a `$` behind this byte would be taken for a part of a name or a parameter.
    var isSQLWordPart: Bool { isWordPart }

    fileprivate var isBlank: Bool { [9, 10, 11, 12, 13, 32].contains(self) }
}
