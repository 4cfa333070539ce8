import ArgumentParser
import EventSourcing
import PostgresEventStore
import Sagas

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// `skald saga show`
struct SagaShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Shows where a saga stands, what it has done and would have to undo, and its history.")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var target: SagaArguments

    @Option(help: ArgumentHelp("At most so many events of its history.", valueName: "count"))
    var limit: Int = 10_000

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit must be from 1 to 10000.") }
    }

    func run() async throws {
        let stream = "$saga:\(target.name)-\(target.id)"
        var (saga, history) = try await Store.with(connection) { store in
            guard
                let saga = try await store.sagas.status(
                    of: .init(rawValue: target.name), id: .init(rawValue: target.id))
            else { throw target.unknown }
            var history: [RecordedEvent] = []
            let id = try StreamID(validating: stream)
            for try await event in store.events().read(id, limit: limit + 1) { history.append(event) }
            return (saga, history)
        }
        let next = history.count > limit ? history.popLast()?.version.rawValue : nil
        let json: OutputJSON = [
            "saga": SagaLine(saga: saga).json, "state": .raw(try Self.json(of: saga.state)),
            "unreadable": .optional(saga.unreadable) { .string($0) },
            "history": .array(history.map { EventLine(event: $0).json }), "next": .optional(next) { .integer($0) },
        ]
        output.show(json) { style in
            facts(saga).lines(style) + [""] + SagaTimeline(history: history).lines(style)
        }
        if let next { output.remark("There are more: go on with: skald stream cat '\(stream)' --from \(next)") }
    }

    private func facts(_ saga: SagaStatus) -> Facts {
        let line = SagaLine(saga: saga)
        var facts = Facts()
        facts.add("saga", "\(saga.name) \(saga.id)")
        facts.add("state", line.state, line.emphasis)
        facts.add("direction", saga.direction.rawValue)
        facts.add("step", saga.step.map { "\($0), attempt \(saga.attempt)" })
        facts.add("reason", saga.reason, line.emphasis)
        facts.add("unreadable", saga.unreadable, line.emphasis)
        facts.add("due", saga.dueAt.map(Moment.text))
        facts.add("started", Moment.text(saga.startedAt))
        facts.add("moved", Moment.text(saga.changedAt))
        facts.add("worker", saga.owner ?? "none has it in hand")
        // Nothing of a saga that goes forward has to be undone, and after its pivot nothing will.
        facts.add(saga.direction == .forward ? "done" : "to undo", list(saga.state.effects))
        facts.add("undone", list(saga.state.undone))
        if saga.status == .needsAttention {
            facts.add("next", "skald saga retry|skip|set-result \(saga.name) \(saga.id) --reason …")
        }
        return facts
    }

    private func list(_ effects: [SagaState.Effect]) -> String? {
        guard !effects.isEmpty else { return nil }
        return effects.map { $0.certain ? "\($0.step)" : "\($0.step) (may have happened)" }.joined(separator: ", ")
    }

    private static func json(of state: SagaState) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(Moment.precise(date))
        }
        return String(decoding: try encoder.encode(state), as: UTF8.self)
    }
}
