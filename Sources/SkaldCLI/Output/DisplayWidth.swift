extension String {
    /// How many columns a terminal uses for the text: two for East Asian wide characters and emoji.
    var displayWidth: Int {
        reduce(0) { $0 + $1.displayWidth }
    }

    /// The text without what a terminal would obey: control characters become their escapes, as in Swift literals.
    ///
    /// Event types and reasons come from anybody who may append; shown raw, they could rewrite the operator's screen.
    var printable: String {
        guard unicodeScalars.contains(where: \.isUnprintable) else { return self }
        return unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case _ where scalar.isUnprintable: result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
    }

    /// The text cut to a number of columns, ending in "…" if something was cut off.
    func truncated(to columns: Int) -> String {
        guard displayWidth > columns else { return self }
        guard columns > 0 else { return "" }
        var result = ""
        var used = 0
        for character in self {
            guard used + character.displayWidth < columns else { break }
            result.append(character)
            used += character.displayWidth
        }
        return result + "…"
    }

    /// The text in lines of at most so many columns, broken at blanks where possible.
    func wrapped(to columns: Int) -> [String] {
        let columns = max(columns, 8)
        var lines: [String] = []
        var line = ""
        for word in split(separator: " ", omittingEmptySubsequences: false).map(String.init) {
            if !line.isEmpty, line.displayWidth + 1 + word.displayWidth > columns {
                lines.append(line)
                line = ""
            }
            line += line.isEmpty ? word : " " + word
            while line.displayWidth > columns {
                let head = line.prefixFitting(columns)
                lines.append(head)
                line.removeFirst(head.count)
            }
        }
        return lines + [line]
    }

    private func prefixFitting(_ columns: Int) -> String {
        var used = 0
        return String(
            prefix { character in
                used += character.displayWidth
                return used <= columns
            })
    }
}

extension Character {
    fileprivate var displayWidth: Int {
        guard let scalar = unicodeScalars.first else { return 0 }
        if scalar.properties.isEmojiPresentation { return 2 }
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }
}

extension Unicode.Scalar {
    /// Control characters, and the marks that turn the direction of the text around them.
    fileprivate var isUnprintable: Bool {
        properties.generalCategory == .control || (0x202A...0x202E).contains(value) || (0x2066...0x2069).contains(value)
    }
}
