import ArgumentParser
import Sagas

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// `skald saga ls`
struct SagaListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls", abstract: "Lists sagas by kind and id, with what each is doing or waits for.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    @Option(help: ArgumentHelp("Only sagas of this kind, such as book-trip.", valueName: "name"))
    var kind: String?

    @Option(
        help: ArgumentHelp(
            "Only those in this state: running, waiting, needs-attention, completed, compensated.", valueName: "state"))
    var state: String?

    @Option(
        help: ArgumentHelp(
            "Only those after this one, \"kind id\": where the last list ended.", valueName: "saga"))
    var after: String?

    @Option(help: ArgumentHelp("At most so many.", valueName: "count"))
    var limit: Int = 100

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit must be from 1 to 10000.") }
        guard state.map({ SagaState.Status(rawValue: $0) != nil }) ?? true else {
            throw ValidationError("--state is one of running, waiting, needs-attention, completed, compensated.")
        }
        guard after == nil || place != nil else {
            throw ValidationError("--after is the kind of a saga, a space, and its id: --after 'book-trip t-17'.")
        }
    }

    /// A kind has no spaces; an id may.
    private var place: (name: SagaName, id: SagaID)? {
        guard let after, let space = after.firstIndex(of: " ") else { return nil }
        return (
            SagaName(rawValue: String(after[..<space])), SagaID(rawValue: String(after[after.index(after: space)...]))
        )
    }

    func run() async throws {
        let found = try await Store.with(connection) { store in
            try await store.sagas.list(
                kind.map { SagaName(rawValue: $0) }, status: state.flatMap { .init(rawValue: $0) }, after: place,
                limit: limit + 1)
        }
        let sagas = found.prefix(limit).map { SagaLine(saga: $0) }
        let next = found.count > limit ? sagas.last.map { "\($0.saga.name) \($0.saga.id)" } : nil
        output.show(["sagas": .array(sagas.map(\.json)), "next": .optional(next) { .string($0) }]) { lines(sagas, $0) }
        if let next { output.remark("There are more: go on with --after '\(next)'.") }
    }

    private func lines(_ sagas: [SagaLine], _ style: OutputStyle) -> [String] {
        guard !sagas.isEmpty else { return ["no sagas"] }
        var table = Table([
            .init("KIND"), .init("ID"), .init("STATE"), .init("STEP"), .init("TRIES", .right),
            .init("REASON", minimum: 12),
        ])
        for line in sagas {
            let saga = line.saga
            table.append([
                .init("\(saga.name)"), .init("\(saga.id)"), .init(line.state, line.emphasis),
                .init(saga.step.map { "\($0)" } ?? "-"), .init("\(saga.attempt)"), .init(saga.reason ?? "-"),
            ])
        }
        return table.lines(style)
    }
}

/// Where a saga stands, as this program shows it.
struct SagaLine: Sendable {
    let saga: SagaStatus

    /// What it is doing, and for what it waits.
    var state: String {
        saga.waitingFor.map { "\(saga.status.rawValue) (\($0.rawValue))" } ?? saga.status.rawValue
    }

    var emphasis: Emphasis {
        switch saga.status {
        case .needsAttention: .bad
        case .completed: .good
        case .compensated: .warning
        case .running, .waiting: .none
        }
    }

    var json: OutputJSON {
        [
            "kind": .string("\(saga.name)"), "id": .string("\(saga.id)"),
            "definition": .integer(Int64(saga.definition)),
            "state": .string(saga.status.rawValue), "direction": .string(saga.direction.rawValue),
            "waitingFor": .optional(saga.waitingFor) { .string($0.rawValue) },
            "step": .optional(saga.step) { .string("\($0)") }, "attempt": .integer(Int64(saga.attempt)),
            "dueAt": .optional(saga.dueAt, Moment.json), "reason": .optional(saga.reason) { .string($0) },
            "startedAt": Moment.json(saga.startedAt), "changedAt": Moment.json(saga.changedAt),
            "owner": .optional(saga.owner) { .string($0) },
        ]
    }
}
