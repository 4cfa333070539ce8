/// Rows for a person to read, laid out for the width there is.
///
/// If the columns do not fit, those that may be cut are cut, the widest first. If that is not enough, every row becomes
/// a block of `title  value` lines in which nothing is cut: a name that cannot be copied is of no use.
struct Table: Sendable {
    struct Column: Sendable {
        let title: String
        let alignment: Alignment
        /// The fewest columns it may be cut to; nil if it must be shown whole.
        let minimum: Int?

        init(_ title: String, _ alignment: Alignment = .left, minimum: Int? = nil) {
            self.title = title
            self.alignment = alignment
            self.minimum = minimum
        }
    }

    enum Alignment: Sendable {
        case left
        case right
    }

    struct Cell: Sendable, ExpressibleByStringLiteral {
        let text: String
        let emphasis: Emphasis

        init(_ text: String, _ emphasis: Emphasis = .none) {
            self.text = text.printable
            self.emphasis = emphasis
        }

        init(stringLiteral value: String) {
            self.init(value)
        }
    }

    private let columns: [Column]
    private var rows: [[Cell]] = []

    init(_ columns: [Column]) {
        self.columns = columns
    }

    mutating func append(_ row: [Cell]) {
        precondition(row.count == columns.count, "a row has a cell for every column")
        rows.append(row)
    }

    /// The lines of the table.
    func lines(_ style: OutputStyle) -> [String] {
        guard let width = style.width else { return grid(naturalWidths, style) }
        guard let widths = fittedWidths(width) else { return blocks(style) }
        return grid(widths, style)
    }

    private static let gap = 2

    private var naturalWidths: [Int] {
        columns.indices.map { index in
            rows.reduce(columns[index].title.displayWidth) { max($0, $1[index].text.displayWidth) }
        }
    }

    /// The width of every column, or nil if they do not fit even when cut.
    private func fittedWidths(_ width: Int) -> [Int]? {
        var widths = naturalWidths
        var excess = widths.reduce(0, +) + Self.gap * (columns.count - 1) - width
        while excess > 0 {
            let candidates = columns.indices.filter { widths[$0] > columns[$0].minimum ?? .max }
            guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { return nil }
            widths[widest] -= 1
            excess -= 1
        }
        return widths
    }

    private func grid(_ widths: [Int], _ style: OutputStyle) -> [String] {
        let titles = columns.map { Cell($0.title, .heading) }
        return ([titles] + rows).map { row in
            var line = ""
            for (index, cell) in row.enumerated() {
                let text = cell.text.truncated(to: widths[index])
                let padding = String(repeating: " ", count: widths[index] - text.displayWidth)
                let shown = style.emphasised(text, cell.emphasis)
                let isLast = index == columns.count - 1
                line += columns[index].alignment == .right ? padding + shown : isLast ? shown : shown + padding
                if !isLast { line += String(repeating: " ", count: Self.gap) }
            }
            return line.trimmingTrailingBlanks
        }
    }

    private func blocks(_ style: OutputStyle) -> [String] {
        let indent = (columns.map(\.title.displayWidth).max() ?? 0) + Self.gap
        var lines: [String] = []
        for (number, row) in rows.enumerated() {
            if number > 0 { lines.append("") }
            for (column, cell) in zip(columns, row) {
                lines += Facts.lines(column.title, cell, indent: indent, style)
            }
        }
        return lines
    }
}
