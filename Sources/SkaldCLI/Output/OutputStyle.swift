/// What a cell or word stands for, so that it can be made to stand out.
enum Emphasis: Sendable, Hashable {
    case none
    case heading
    case good
    case warning
    case bad

    fileprivate var code: String? {
        switch self {
        case .none: nil
        case .heading: "1"
        case .good: "32"
        case .warning: "33"
        case .bad: "31"
        }
    }
}

/// How output is written: for which width, and with or without colours.
struct OutputStyle: Sendable, Hashable {
    /// The columns there are; nil if the output goes to a file or pipe and nothing needs to be cut.
    var width: Int?
    /// Whether ANSI colours may be used.
    var colours: Bool

    /// - Parameters:
    ///   - environment: `COLUMNS` overrides the terminal's width; `NO_COLOR`, set to anything, and `TERM=dumb` turn colours
    ///     off (https://no-color.org).
    ///   - terminalWidth: the width of the terminal that standard output is, nil if it is none.
    init(environment: [String: String], terminalWidth: Int?) {
        width = environment["COLUMNS"].flatMap(Int.init).flatMap { $0 > 0 ? $0 : nil } ?? terminalWidth
        let unwanted = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
        colours = terminalWidth != nil && !unwanted && environment["TERM"] != "dumb"
    }

    func emphasised(_ text: String, _ emphasis: Emphasis) -> String {
        guard colours, !text.isEmpty, let code = emphasis.code else { return text }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }
}
