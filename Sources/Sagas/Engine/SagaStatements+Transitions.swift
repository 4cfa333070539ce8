import Postgres
import PostgresEventStore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension SagaStatements {
    /// Writes the transitions of a group. The arrays say which saga an event, an input or a message belongs to.
    func transitions(_ group: [PendingTransition]) -> SQL {
        let events = group.enumerated().flatMap { number, member in member.events.map { (Int32(number + 1), $0) } }
        let inputs = group.enumerated().flatMap { number, member in member.usedInputs.map { (Int32(number + 1), $0) } }
        let messages = group.enumerated().flatMap { number, member in member.messages.map { (Int32(number + 1), $0) } }
        let rows = group.map { SagaRow($0.state) }
        return """
            select number, status, revision, due, now from \(function("saga_transitions"))(\
            \(group.map(\.lease.unit)), \(group.map(\.lease.epoch.rawValue)), \(group.map(\.key.tenant)), \(group.map(\.key.name.rawValue)), \
            \(group.map(\.key.id.rawValue)), \(group.map(\.revision)), \(rows.map(\.status)), \(rows.map(\.direction)), \
            \(rows.map(\.waitingFor)), \(rows.map(\.step)), \(rows.map(\.attempt)), \(rows.map(\.due)), \
            \(rows.map(\.reason)), \(group.map { JSONB($0.stateJSON) }), \(events.map(\.0)), \(events.map(\.1.type)), \
            \(events.map { JSONB($0.1.data) }), \(events.map(\.1.id)), \(inputs.map(\.0)), \(inputs.map(\.1)), \
            \(messages.map(\.0)), \(messages.map(\.1.topic)), \(messages.map(\.1.key)), \(messages.map(\.1.id)), \
            \(messages.map(\.1.type)), \(messages.map(\.1.source)), \(messages.map { _ in String?.none }), \
            \(messages.map { JSONB($0.1.headers) }), \(messages.map(\.1.payload))) order by number
            """
    }
}

/// What of a saga's state stands in columns of its own.
private struct SagaRow {
    let status: String
    let direction: String
    let waitingFor: String?
    let step: String?
    let attempt: Int32
    let due: Date?
    let reason: String?

    init(_ state: SagaState) {
        status = state.status.rawValue
        direction = state.direction.rawValue
        waitingFor = state.status == .waiting ? state.waitingFor?.rawValue : nil
        step = state.step?.rawValue
        attempt = Int32(clamping: state.attempt)
        // The worker itself watches a running call.
        due = state.status == .running ? nil : state.dueAt
        reason = state.reason ?? state.failure
    }
}
