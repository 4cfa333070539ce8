import Foundation

/// A program that is run to its end and whose output is wanted.
struct Command: Sendable {
    var words: [String]
    var input = ""
    var patience: Duration = .seconds(60)
    var environment = Command.quietEnvironment()

    init(_ words: [String], input: String = "", patience: Duration = .seconds(60)) {
        self.words = words
        self.input = input
        self.patience = patience
    }

    /// Our environment without what would redirect PostgreSQL's programs, and with messages in English.
    static func quietEnvironment(_ base: [String: String] = ProcessInfo.processInfo.environment) -> [String: String] {
        var kept = base.filter { !$0.key.hasPrefix("PG") }
        kept["LC_ALL"] = "C"
        return kept
    }

    /// Runs it and gives what it wrote to standard output; throws with its words if it fails.
    func run() throws(EmbeddedPostgresError) -> String {
        // Files and not pipes: nobody has to read and write at the same time, and no SIGPIPE can arise.
        let stdin = try scratchFile(holding: input)
        let stdout = try scratchFile()
        let stderr = try scratchFile()
        let child = try ChildProcess.spawn(
            words, environment: environment, descriptors: [0: stdin.number, 1: stdout.number, 2: stderr.number])
        guard child.waitForEnd(patience) else {
            child.send(SIGKILL)
            _ = child.waitForEnd(.seconds(5))
            throw EmbeddedPostgresError(.commandFailed, "\(words[0]) did not end within \(patience) and was killed")
        }
        guard child.ending == .exited(0) else {
            let said = contents(of: stderr) + contents(of: stdout)
            throw EmbeddedPostgresError(
                .commandFailed, "\(words[0]) failed (\(endingText(child.ending))): \(said.trimmedEnd)")
        }
        return contents(of: stdout)
    }

    private func endingText(_ ending: ChildProcess.Ending?) -> String {
        switch ending {
        case .exited(let status): "status \(status)"
        case .signalled(let signal): "signal \(signal)"
        case .unknown, nil: "its status was collected by another part of this process"
        }
    }
}

/// A file without a name, for one program's input or output.
private func scratchFile(holding text: String = "") throws(EmbeddedPostgresError) -> Descriptor {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("skald-\(UUID().uuidString)").path
    let file = try Descriptor(opening: path, O_RDWR | O_CREAT | O_EXCL)
    unlink(path)
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
        let written = rest.withUnsafeBytes { write(file.number, $0.baseAddress, $0.count) }
        guard written > 0 else {
            throw EmbeddedPostgresError(.system, "cannot write a temporary file: \(errorText(errno))")
        }
        rest = rest.dropFirst(written)
    }
    lseek(file.number, 0, SEEK_SET)
    return file
}

private func contents(of file: borrowing Descriptor) -> String {
    lseek(file.number, 0, SEEK_SET)
    var all: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = read(file.number, &chunk, chunk.count)
        if count <= 0 { return String(decoding: all, as: UTF8.self) }
        all += chunk[..<count]
    }
}

extension String {
    /// Without the white space at its end.
    var trimmedEnd: String {
        var copy = self[...]
        while copy.last?.isWhitespace == true { copy.removeLast() }
        return String(copy)
    }
}
