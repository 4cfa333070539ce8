import ArgumentParser

/// The program `skald`.
@main
struct SkaldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "skald",
        abstract: "Looks into a Skald store and operates it.",
        discussion: """
            The database is given by --url, SKALD_URL, DATABASE_URL or libpq's PG* variables, in this order. \
            Every command answers with JSON if --json is given.

            \(ExitStatus.explanation)
            """,
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
            Terminal.writeError(fullMessage(for: error) + "\n")
            Terminal.end(.usage)
        } catch {
            end(with: CommandFailure(describing: error))
        }
    }

    private static func end(with failure: CommandFailure) -> Never {
        let lines =
            CommandLine.arguments.contains("--json") ? [failure.json.text] : failure.lines(Terminal.errorStyle)
        Terminal.writeError(lines.map { $0 + "\n" }.joined())
        Terminal.end(failure.status)
    }
}
