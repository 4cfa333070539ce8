/// What is known about one thing: a line `title  value` for each fact, long values wrapped beside their title.
struct Facts: Sendable {
    private var facts: [(title: String, value: Table.Cell)] = []

    mutating func add(_ title: String, _ value: String?, _ emphasis: Emphasis = .none) {
        guard let value else { return }
        facts.append((title, Table.Cell(value, emphasis)))
    }

    func lines(_ style: OutputStyle) -> [String] {
        let indent = (facts.map(\.title.displayWidth).max() ?? 0) + 2
        return facts.flatMap { title, value in
            Self.lines(title, value, indent: indent, style)
        }
    }

    static func lines(_ title: String, _ value: Table.Cell, indent: Int, _ style: OutputStyle) -> [String] {
        let padding = String(repeating: " ", count: indent - title.displayWidth)
        let values = style.width.map { value.text.wrapped(to: $0 - indent) } ?? [value.text]
        return values.enumerated().map { index, text in
            let start =
                index == 0 ? style.emphasised(title, .heading) + padding : String(repeating: " ", count: indent)
            return (start + style.emphasised(text, value.emphasis)).trimmingTrailingBlanks
        }
    }
}

extension String {
    var trimmingTrailingBlanks: String {
        guard let last = lastIndex(where: { $0 != " " }) else { return "" }
        return String(self[...last])
    }
}
