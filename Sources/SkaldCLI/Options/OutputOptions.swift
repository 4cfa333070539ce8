import ArgumentParser

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// How a command answers.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Answer with JSON, for programs.")
    var json = false

    /// Prints either form.
    func show(_ json: @autoclosure () -> OutputJSON, _ lines: (OutputStyle) -> [String]) {
        let answer = self.json ? [json().text] : lines(Terminal.style)
        Terminal.write(answer.map { $0 + "\n" }.joined())
    }

    /// A remark for people that is no part of the answer: on standard error, and not with `--json`.
    func remark(_ text: String) {
        guard !json else { return }
        Terminal.writeError(text.wrapped(to: Terminal.style.width ?? .max).map { $0 + "\n" }.joined())
    }
}
