import Foundation

/// Says what happens, one line at a time: in colour on a terminal, plain elsewhere or where NO_COLOR is set.
struct Narrator: Sendable {
    enum Style: String {
        case plain = ""
        case good = "32"
        case bad = "31"
        case dim = "2"
        case bold = "1"
    }

    static let isTerminal = isatty(STDOUT_FILENO) == 1

    private let colours: Bool
    private let output: FileHandle
    private let began = ContinuousClock.now

    init(
        to output: FileHandle = .standardOutput, environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        self.output = output
        colours = Self.isTerminal && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    }

    /// Since the beginning.
    var elapsed: Duration { .now - began }

    func title(_ text: String) { write("\n" + styled(text, .bold)) }

    /// One line: a sign, what happened, and a remark.
    func line(_ sign: String, _ text: String, _ remark: String = "", style: Style = .plain) {
        let left = text.padding(to: 54)
        let end = remark.isEmpty ? "" : " " + styled(remark, .dim)
        write("  \(styled(sign, style)) \(remark.isEmpty ? text : left)\(end)")
    }

    func note(_ text: String) { write("  " + styled(text, .dim)) }

    func write(_ text: String) { output.write(Data((text + "\n").utf8)) }

    private func styled(_ text: String, _ style: Style) -> String {
        colours && style != .plain ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }
}

extension String {
    /// Filled up with spaces.
    func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}

extension Duration {
    /// In seconds, for people.
    var inWords: String {
        (self / .seconds(1)).formatted(.number.precision(.fractionLength(2)).locale(Locale(identifier: "en_US"))) + " s"
    }
}

/// What is said when the demo cannot go on.
struct DemoError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
