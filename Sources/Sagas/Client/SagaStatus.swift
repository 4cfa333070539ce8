import EventSourcing
import Postgres

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Where a saga stands: what it waits for, since when, who has it in hand and when it will move.
public struct SagaStatus: Sendable, Hashable {
    /// The kind of saga.
    public let name: SagaName
    /// The id it was started with.
    public let id: SagaID
    /// The version of the definition it runs under.
    public let definition: Int
    /// What it is doing.
    public let status: SagaState.Status
    /// Which way it goes.
    public let direction: SagaDirection
    /// The step it is at.
    public let step: StepName?
    /// The number of the current attempt, or of the last one.
    public let attempt: Int
    /// What it waits for, when it is waiting.
    public let waitingFor: SagaState.Waiting?
    /// When it will be looked at again, by the database's clock.
    public let dueAt: Date?
    /// The last error, why it needs attention, or why it turned back.
    public let reason: String?
    /// When it was started.
    public let startedAt: Date
    /// When it last moved.
    public let changedAt: Date
    /// The process that holds its lane; nil if none does.
    public let owner: String?
    /// All that it goes on from: input, results, what has been done and undone.
    public let state: SagaState

    init(_ row: Row) throws {
        name = SagaName(rawValue: try row[1].decode(String.self))
        id = SagaID(rawValue: try row[2].decode(String.self))
        definition = Int(try row[3].decode(Int32.self))
        startedAt = try row[11].decode(Date.self)
        state = try SagaState(
            row: JSONValue(json: row[14].decode(JSONB.self).bytes), definition: definition, startedAt: startedAt)
        status = state.status
        direction = state.direction
        step = state.step
        attempt = state.attempt
        waitingFor = state.status == .waiting ? state.waitingFor : nil
        dueAt = try row[9].decode(Date?.self)
        reason = try row[10].decode(String?.self)
        changedAt = try row[12].decode(Date.self)
        owner = try row[13].decode(String?.self)
    }
}
