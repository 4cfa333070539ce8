/// A document in Markdown: its code blocks, and where it links to.
struct Document {
    /// From the package's root on.
    let path: String
    let text: String

    struct Block {
        /// The line that opens it, from 1.
        let line: Int
        /// What stands behind the three backticks, such as `swift`; empty if nothing does.
        let language: String
        let code: CodeText
    }

    /// The blocks between lines of three backticks.
    var blocks: [Block] {
        var blocks: [Block] = []
        var open: (line: Int, language: String, lines: [Substring])?
        for (index, line) in lines.enumerated() {
            let isFence = line.drop { $0 == " " }.hasPrefix("```")
            if let block = open, isFence {
                blocks.append(Block(line: block.line, language: block.language, code: CodeText(block.lines)))
                open = nil
            } else if isFence {
                open = (index + 1, line.split(separator: "```").last.map(String.init) ?? "", [])
            } else {
                open?.lines.append(line)
            }
        }
        return blocks
    }

    /// The lines outside code blocks, with their numbers.
    var prose: [(number: Int, text: Substring)] {
        var isCode = false
        return lines.enumerated().compactMap { index, line in
            if line.drop(while: { $0 == " " }).hasPrefix("```") {
                isCode.toggle()
                return nil
            }
            return isCode ? nil : (index + 1, line)
        }
    }

    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
}
