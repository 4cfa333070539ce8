import ArgumentParser
import PostgresEventStore
import Sagas

/// `skald saga`
struct SagaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "saga", abstract: "Sagas: where they stand, and helping those that need attention.",
        discussion: """
            A saga is named by its kind and its id: 'skald saga show book-trip t-17'. What is asked of it by retry, skip and \
            set-result is an event of its history, with actor and reason; its worker does it, or refuses, with its next look.
            """,
        subcommands: [
            SagaListCommand.self, SagaShowCommand.self, SagaRetryCommand.self, SagaSkipCommand.self,
            SagaSetResultCommand.self,
        ])
}

/// The saga that a command is about.
struct SagaArguments: ParsableArguments {
    @Argument(help: ArgumentHelp("The kind of saga, such as book-trip.", valueName: "kind"))
    var name: String

    @Argument(help: "Its id.")
    var id: String

    var unknown: CommandFailure {
        CommandFailure(
            .notFound, "there is no saga '\(name)' with the id '\(id)'", next: "see 'skald saga ls --kind \(name)'")
    }
}

extension Store {
    /// The sagas of the store. They are looked at and asked; their workers run elsewhere.
    var sagas: Sagas { Sagas(events(), logger: .quiet) }
}
