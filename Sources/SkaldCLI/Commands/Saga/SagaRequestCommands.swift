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
        try await SagaAsking(verb: "retry", connection, output, target, step).ask { step in
            .retry(step: step, actor: operation.actorName, reason: operation.reason)
        }
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
        try await SagaAsking(verb: "skip", connection, output, target, step).ask { step in
            .skip(step: step, actor: operation.actorName, reason: operation.reason)
        }
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
        try await SagaAsking(verb: "set-result", connection, output, target, step).ask { step in
            .setResult(value, step: step, actor: operation.actorName, reason: operation.reason)
        }
    }
}

/// Guards a request against a saga that has moved on when its worker sees the request.
struct StepOption: ParsableArguments {
    @Option(
        name: .customLong("step"),
        help: ArgumentHelp(
            "The step that is meant: a saga that is at another one refuses. Default: the one it is at now.",
            valueName: "name"))
    var step: String?

    var name: StepName? { step.map { StepName(rawValue: $0) } }
}

/// Puts a request to a saga. Its worker does it, or refuses; either is an event of its history.
struct SagaAsking: Sendable {
    private let verb: String
    private let connection: ConnectionOptions
    private let output: OutputOptions
    private let target: SagaArguments
    private let step: StepOption

    init(
        verb: String, _ connection: ConnectionOptions, _ output: OutputOptions, _ target: SagaArguments,
        _ step: StepOption
    ) {
        self.verb = verb
        self.connection = connection
        self.output = output
        self.target = target
        self.step = step
    }

    func ask(_ make: @Sendable (StepName) -> SagaRequest) async throws {
        let request = try await Store.with(connection) { store in
            let request = make(try await meant(store.sagas))
            do {
                try await store.sagas.request(request, of: .init(rawValue: target.name), id: .init(rawValue: target.id))
            } catch let error as SagaError where error.code == .unknownSaga {
                throw target.unknown
            }
            return request
        }
        let json: OutputJSON = [
            "kind": .string(target.name), "id": .string(target.id), "verb": .string(verb),
            "request": .string(request.id.uuidString.lowercased()),
            "step": .optional(request.step) { .string("\($0)") }, "actor": .string(request.actor),
            "reason": .string(request.reason),
        ]
        output.show(json) { _ in
            ["asked; its worker does it, or refuses: see 'skald saga show \(target.name) \(target.id)'"]
        }
    }

    /// The step that was named, or the one that the saga is at now, as whoever asks has seen it.
    private func meant(_ sagas: Sagas) async throws -> StepName {
        if let step = step.name { return step }
        guard let saga = try await sagas.status(of: .init(rawValue: target.name), id: .init(rawValue: target.id)) else {
            throw target.unknown
        }
        guard let step = saga.step else {
            let isOver = saga.status == .completed || saga.status == .compensated
            throw CommandFailure(
                .refused, "saga '\(target.name)' with the id '\(target.id)' is at no step",
                why: isOver ? "it has ended: \(saga.status.rawValue)" : "it has not begun its first step",
                next: "see 'skald saga show \(target.name) \(target.id)'")
        }
        return step
    }
}
