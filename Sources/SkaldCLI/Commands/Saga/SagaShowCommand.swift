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

    func run() async throws {
        let (saga, history) = try await Store.with(connection) { store in
            guard
                let saga = try await store.sagas.status(
                    of: .init(rawValue: target.name), id: .init(rawValue: target.id))
            else { throw target.unknown }
            let stream = try StreamID(validating: "$saga:\(target.name)-\(target.id)")
            var history: [RecordedEvent] = []
            for try await event in store.events().read(stream, limit: 10_000) { history.append(event) }
            return (saga, history)
        }
        let json: OutputJSON = [
            "saga": SagaLine(saga: saga).json, "state": .raw(Self.json(of: saga.state)),
            "history": .array(history.map { EventLine(event: $0).json }),
        ]
        output.show(json) { style in
            facts(saga).lines(style) + [""] + SagaTimeline(history: history).lines(style)
        }
    }

    private func facts(_ saga: SagaStatus) -> Facts {
        let line = SagaLine(saga: saga)
        var facts = Facts()
        facts.add("saga", "\(saga.name) \(saga.id)")
        facts.add("state", line.state, line.emphasis)
        facts.add("direction", saga.direction.rawValue)
        facts.add("step", saga.step.map { "\($0), attempt \(saga.attempt)" })
        facts.add("reason", saga.reason, line.emphasis)
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

    private static func json(of state: SagaState) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return (try? encoder.encode(state)).map { String(decoding: $0, as: UTF8.self) } ?? "null"
    }
}
