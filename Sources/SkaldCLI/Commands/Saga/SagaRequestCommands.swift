import ArgumentParser
import EventSourcing
import Sagas

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// `skald saga retry`
struct SagaRetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Has a saga try its step, or the undoing of it, again at once.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var operation: OperatorOptions
    @OptionGroup var target: SagaArguments
    @OptionGroup var step: StepOption

    func run() async throws {
        let request = SagaRequest.retry(step: step.name, actor: operation.actorName, reason: operation.reason)
        try await SagaAsking(verb: "retry", connection, output, target).ask(request)
    }
}

/// `skald saga skip`
struct SagaSkipCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "skip",
        abstract: "Has a saga go on as if its step were done without a result, or its undoing were done.",
        discussion: "What the step stands for is then up to you: say --yes.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var operation: OperatorOptions
    @OptionGroup var target: SagaArguments
    @OptionGroup var step: StepOption

    @Flag(help: "Yes, it was done by hand or need not be done.")
    var yes = false

    func run() async throws {
        guard yes else {
            throw CommandFailure(
                .refused, "skipping a step leaves what it stands for to you", next: "when that is settled, say --yes")
        }
        let request = SagaRequest.skip(step: step.name, actor: operation.actorName, reason: operation.reason)
        try await SagaAsking(verb: "skip", connection, output, target).ask(request)
    }
}

/// `skald saga set-result`
struct SagaSetResultCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set-result", abstract: "Has a saga go on as if its step had returned a result.",
        discussion: "The saga refuses a result that is not of the step's type.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var operation: OperatorOptions
    @OptionGroup var target: SagaArguments
    @OptionGroup var step: StepOption

    @Option(help: ArgumentHelp("The result, as JSON.", valueName: "json"))
    var result: String

    func run() async throws {
        let value: JSONValue
        do {
            value = try JSONValue(json: Array(result.utf8))
        } catch {
            throw CommandFailure(
                .usage, "--result is not JSON", why: "\(error)", next: #"write for example --result '{"id": 7}'"#)
        }
        let request = SagaRequest.setResult(
            value, step: step.name, actor: operation.actorName, reason: operation.reason)
        try await SagaAsking(verb: "set-result", connection, output, target).ask(request)
    }
}

/// Guards a request against a saga that has moved on.
struct StepOption: ParsableArguments {
    @Option(
        name: .customLong("step"),
        help: ArgumentHelp("Only if it is at this step; otherwise it refuses.", valueName: "name"))
    var step: String?

    var name: StepName? { step.map { StepName(rawValue: $0) } }
}

/// Puts a request to a saga. Its worker does it, or refuses; either is an event of its history.
struct SagaAsking: Sendable {
    private let verb: String
    private let connection: ConnectionOptions
    private let output: OutputOptions
    private let target: SagaArguments

    init(verb: String, _ connection: ConnectionOptions, _ output: OutputOptions, _ target: SagaArguments) {
        self.verb = verb
        self.connection = connection
        self.output = output
        self.target = target
    }

    func ask(_ request: SagaRequest) async throws {
        try await Store.with(connection) { store in
            do {
                try await store.sagas.request(request, of: .init(rawValue: target.name), id: .init(rawValue: target.id))
            } catch let error as SagaError where error.code == .unknownSaga {
                throw target.unknown
            }
        }
        let json: OutputJSON = [
            "kind": .string(target.name), "id": .string(target.id), "verb": .string(verb),
            "request": .string(request.id.uuidString.lowercased()), "actor": .string(request.actor),
            "reason": .string(request.reason),
        ]
        output.show(json) { _ in
            ["asked; its worker does it, or refuses: see 'skald saga show \(target.name) \(target.id)'"]
        }
    }
}
