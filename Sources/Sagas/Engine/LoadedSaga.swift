import EventSourcing
import Postgres

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A saga as a worker finds it in the database.
struct LoadedSaga: Sendable {
    let key: SagaKey
    let definition: Int
    let lane: Int
    let revision: Int64
    let state: SagaState
    /// Whether a worker that is gone left a call running.
    let wasRunning: Bool
    /// When it was read, by the database's clock.
    let readAt: Date
    /// What others put down for it, in the order of arrival.
    let inputs: [Input]

    struct Input: Sendable {
        let id: UUID
        /// Nil if it can't be read: it is then used up with a complaint.
        let content: SagaInput?
    }
}

extension SagaState {
    /// Reads a row's state. A saga that no worker has seen yet has only its input.
    init(row: JSONValue, definition: Int, startedAt: Date) throws {
        if row["status"] != nil {
            self = try row.decode(SagaState.self)
        } else {
            let input = row["data"]?["input"] ?? .null
            self.init(definition: definition, status: .waiting, data: SagaData(input: input))
            waitingFor = .start
            dueAt = startedAt
        }
    }
}
