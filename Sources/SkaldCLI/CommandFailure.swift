/// Why a command did not do what was asked: what happened, why, and what to do next.
struct CommandFailure: Error, Sendable, Hashable {
    let status: ExitStatus
    let what: String
    let why: String?
    let next: String?

    init(_ status: ExitStatus, _ what: String, why: String? = nil, next: String? = nil) {
        self.status = status
        self.what = what
        self.why = why
        self.next = next
    }

    /// A command that was not understood.
    ///
    /// - Parameter text: all that is said of it to a person, of which the last line may name the help to read.
    init(usage what: String, _ text: String) {
        let last = text.split(separator: "\n").last?.drop { $0 == " " } ?? ""
        self.init(.usage, what, next: last.hasPrefix("See ") ? "see" + last.dropFirst(3) : nil)
    }

    /// For a person, on standard error.
    func lines(_ style: OutputStyle) -> [String] {
        let parts = [("error: ", what, Emphasis.bad), ("why:   ", why ?? "", .none), ("next:  ", next ?? "", .none)]
        let width = (style.width ?? .max) - 7
        return parts.filter { !$0.1.isEmpty }.flatMap { label, text, emphasis in
            text.split(separator: "\n").flatMap { Self.oneLine($0).wrapped(to: width) }.enumerated().map {
                index, line in
                (index == 0 ? style.emphasised(label, emphasis) : "       ") + line
            }
        }
    }

    /// libpq indents the lines of its messages with tabs.
    private static func oneLine(_ text: Substring) -> String {
        String(text.drop(while: \.isWhitespace)).replacing("\t", with: " ").printable
    }

    /// For a program, with `--json`.
    var json: OutputJSON {
        [
            "error": [
                "status": .integer(Int64(status.rawValue)), "what": .string(what),
                "why": .optional(why) { .string($0) },
                "next": .optional(next) { .string($0) },
            ]
        ]
    }
}
