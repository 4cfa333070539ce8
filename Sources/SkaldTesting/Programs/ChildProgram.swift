import EmbeddedPostgres
import Foundation

/// A program of this package, or of the system, run as a child process: its output line by line, its end, and signals to it.
///
///     let relay = try ChildProgram("outbox-relay", ["--sink-url", url], environment: ["DATABASE_URL": database])
///     try await relay.line { $0.contains("ready") }
///     relay.send(SIGTERM)
///     #expect(try await relay.end() == 0)
///
/// The child gets `PATH`, `HOME` and `LANG` and what is passed here, nothing else of the environment, so that tests are
/// alike everywhere. One that is still running when the last reference goes is killed.
public final class ChildProgram: Sendable {
    /// How a program ended: its exit status, or minus the number of the signal that ended it.
    public typealias Status = Int32

    /// What a program that has ended has said.
    public struct Finished: Sendable {
        /// Its exit status, or minus the number of the signal that ended it.
        public let status: Status
        /// Its standard output.
        public let output: String
        /// Its standard error.
        public let error: String
    }

    private let name: String
    private let folder: URL
    private let process: ChildProcess

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - product: the executable's name; it is looked for beside the running test program, where the build puts both.
    ///     A path that begins with a slash is taken as it is.
    ///   - environment: variables for it.
    /// - Throws: ``ChildProgramError`` with what the system says if it cannot be started.
    public init(_ product: String, _ arguments: [String] = [], environment: [String: String] = [:]) throws {
        name = product
        folder = FileManager.default.temporaryDirectory.appending(path: "skald-child-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let inherited = ProcessInfo.processInfo.environment.filter { ["PATH", "HOME", "LANG"].contains($0.key) }
        let program = product.hasPrefix("/") ? product : Self.programs.appending(path: product).path
        // Files and not pipes: nobody has to drain them.
        let descriptors: [Int32: Int32] = [
            0: open("/dev/null", O_RDONLY | O_CLOEXEC), 1: Self.file(folder, "output"), 2: Self.file(folder, "error"),
        ]
        defer { for descriptor in descriptors.values { close(descriptor) } }
        do {
            process = try ChildProcess.spawn(
                [program] + arguments, environment: inherited.merging(environment) { _, new in new },
                descriptors: descriptors, isApart: false)
        } catch {
            throw ChildProgramError(description: error.message)
        }
    }

    private static func file(_ folder: URL, _ name: String) -> Int32 {
        open(folder.appending(path: name).path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    }

    deinit {
        process.send(SIGKILL)
        _ = process.waitForEnd(.seconds(5))
        try? FileManager.default.removeItem(at: folder)
    }

    /// Runs a program to its end.
    ///
    /// - Throws: ``ChildProgramError`` if it has not ended within `patience`; it is killed then.
    public static func run(
        _ product: String, _ arguments: [String] = [], environment: [String: String] = [:],
        patience: Duration = .seconds(60)
    ) async throws -> Finished {
        let program = try ChildProgram(product, arguments, environment: environment)
        let status = try await program.end(within: patience)
        return Finished(status: status, output: program.outputText, error: program.errorText)
    }

    /// The process's number.
    public var processID: Int32 { process.pid }

    /// Its standard output so far.
    public var outputText: String { text("output") }

    /// Its standard error so far.
    public var errorText: String { text("error") }

    /// The first whole line of its standard output, already there or to come, for which `predicate` holds.
    ///
    /// - Throws: ``ChildProgramError`` with all it has said, if none comes within `patience` or the program ends without.
    @discardableResult
    public func line(
        within patience: Duration = .seconds(30), where predicate: (String) -> Bool = { _ in true }
    ) async throws -> String {
        let deadline = ContinuousClock.now + patience
        while true {
            let isOver = process.hasEnded
            let lines = outputText.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
            if let found = lines.first(where: predicate) { return found }
            if isOver { throw failure("has ended without saying") }
            if ContinuousClock.now > deadline { throw failure("has not said within \(patience)") }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Waits for the program to end.
    ///
    /// - Throws: ``ChildProgramError`` if it has not within `patience`; it is killed then.
    public func end(within patience: Duration = .seconds(30)) async throws -> Status {
        let deadline = ContinuousClock.now + patience
        while true {
            if let ending = process.ending { return status(of: ending) }
            if ContinuousClock.now > deadline {
                send(SIGKILL)
                throw failure("has not ended within \(patience), as")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Sends a signal: SIGTERM asks it to end, SIGKILL ends it, SIGSTOP and SIGCONT pause it and let it go on.
    public func send(_ signal: Int32) { process.send(signal) }

    private func status(of ending: ChildProcess.Ending) -> Status {
        switch ending {
        case .exited(let status): status
        case .signalled(let signal): -signal
        case .unknown: .min
        }
    }

    private func text(_ file: String) -> String {
        let data = FileManager.default.contents(atPath: folder.appending(path: file).path) ?? Data()
        return String(decoding: data, as: UTF8.self)
    }

    private func failure(_ what: String) -> ChildProgramError {
        ChildProgramError(
            description:
                "\(name) \(what) what was waited for; standard output:\n\(outputText)\nstandard error:\n\(errorText)")
    }

    /// The build puts the programs beside the one that runs the tests.
    private static var programs: URL {
        var folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        // On macOS the tests are a bundle there.
        while folder.path.contains(".xctest") { folder.deleteLastPathComponent() }
        return folder
    }
}
