import ArgumentParser
import PostgresEventStore

/// The program `skald`.
@main
struct SkaldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "skald",
        abstract: "Looks into a Skald store and operates it.",
        discussion: """
            The database is given by --url, SKALD_URL, DATABASE_URL or libpq's PG* variables, in this order. \
            Every command answers with JSON if --json is given, and says with JSON what went wrong.

            \(ExitStatus.explanation)
            """,
        version: Release.text,
        subcommands: [
            DevCommand.self, MigrateCommand.self, LogCommand.self, StreamCommand.self, OutboxCommand.self,
            SagaCommand.self,
        ])

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let failure as CommandFailure {
            end(with: failure)
        } catch let error where exitCode(for: error) == .success {
            Terminal.write(fullMessage(for: error) + "\n")  // help was asked for
        } catch let error where exitCode(for: error) == .validationFailure {
            let text = fullMessage(for: error)
            guard !wantsJSON else { end(with: CommandFailure(usage: message(for: error), text)) }
            Terminal.writeError(text + "\n")
            Terminal.end(.usage)
        } catch {
            end(with: CommandFailure(describing: error))
        }
    }

    /// Asked of the words themselves: those that were not understood have no options.
    private static var wantsJSON: Bool { CommandLine.arguments.contains("--json") }

    private static func end(with failure: CommandFailure) -> Never {
        let lines = wantsJSON ? [failure.json.text] : failure.lines(Terminal.errorStyle)
        Terminal.writeError(lines.map { $0 + "\n" }.joined())
        Terminal.end(failure.status)
    }
}
