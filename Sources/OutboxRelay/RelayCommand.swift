import ArgumentParser
import Logging
import PostgresEventStore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The program `outbox-relay`.
@main
struct RelayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outbox-relay",
        abstract: "Sends the messages of a Skald outbox to an HTTP endpoint.",
        discussion: """
            Every setting may be given as a flag, as the environment variable in brackets, or in the configuration file \
            (--config, SKALD_RELAY_CONFIG) as 'name = value', where the name is the flag's with a dot after its first \
            word; in this order, then the default counts. Durations carry a unit: 250ms, 10s, 5m. A variable that holds a \
            secret may instead name a file: SKALD_RELAY_DATABASE_URL_FILE, SKALD_RELAY_SINK_TOKEN_FILE.

            Several relays with one sink.name share the work; one that ends or dies is replaced by the others. SIGTERM and \
            SIGINT end it after what is in flight.

            \(ExitStatus.explanation)
            """,
        version: Release.text)

    @Option(help: ArgumentHelp("The configuration file. [\(ConfigurationSources.fileVariable)]", valueName: "file"))
    var config: String?

    @Flag(help: "Check the configuration and end.")
    var checkConfig = false

    @Flag(help: "Print the configuration with the origin of every value, secrets masked, and end.")
    var printConfig = false

    @OptionGroup(title: "Settings") var flags: Flags

    static func main() async {
        do {
            var command = try parse()
            try await command.run()
        } catch let error as ConfigurationError {
            Process.end(.configuration, error.problems.map { "error: \($0)\n" }.joined())
        } catch let failure as StartFailure {
            Process.end(failure.status, failure.text)
        } catch let error where exitCode(for: error) == .success {
            StandardOutput.write(fullMessage(for: error) + "\n")  // help was asked for
        } catch let error where exitCode(for: error) == .validationFailure {
            Process.end(.configuration, fullMessage(for: error) + "\n")
        } catch {
            Process.end(.failure, "error: \(error)\n")
        }
    }

    mutating func run() async throws {
        let resolved = try sources().resolve(Setting.all)
        if printConfig { StandardOutput.write(resolved.printed) }
        let settings = try RelaySettings(resolved)
        if printConfig { return }
        if checkConfig { return StandardOutput.write("the configuration is valid\n") }
        try await Daemon(settings, databaseOrigin: Self.origin(in: resolved)).run()
    }

    private static func origin(in resolved: ResolvedConfiguration) -> String {
        switch resolved.values[Setting.databaseURL.key]?.origin {
        case nil, .fallback: "libpq's PG* variables and defaults, because database.url is not set"
        case let origin?: origin.description
        }
    }

    private func sources() throws -> ConfigurationSources {
        let environment = ProcessInfo.processInfo.environment
        var sources = ConfigurationSources(flags: flags.given, environment: environment, readSecret: Self.read)
        if let path = config ?? environment[ConfigurationSources.fileVariable] {
            do {
                sources.file = ConfigurationFile(path: path, text: try Self.read(path), known: Setting.all)
            } catch {
                let problem = ConfigurationProblem("the configuration file \(path) cannot be read: \(error)")
                throw ConfigurationError(problems: [problem])
            }
        }
        return sources
    }

    /// Reads a file. What goes wrong is said in the system's words: Foundation's are for debuggers.
    @Sendable private static func read(_ path: String) throws -> String {
        do {
            return try String(decoding: Data(contentsOf: URL(filePath: path)), as: UTF8.self)
        } catch let error as CocoaError {
            guard let cause = error.underlying as? POSIXError else { throw error }
            throw ConfigurationProblem(String(cString: strerror(cause.code.rawValue)))
        }
    }
}
