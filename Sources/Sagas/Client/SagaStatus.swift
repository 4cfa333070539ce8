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
    /// All that it goes on from: input, results, what has been done and undone. Where ``unreadable`` says why it can't be
    /// read, no more than what stands here beside it.
    public let state: SagaState
    /// Why its stored state can't be read, which keeps its worker from going on with it; nil if it can.
    public let unreadable: String?

    init(_ row: Row) throws {
        name = SagaName(rawValue: try row[1].decode(String.self))
        id = SagaID(rawValue: try row[2].decode(String.self))
        definition = Int(try row[3].decode(Int32.self))
        startedAt = try row[11].decode(Date.self)
        // The columns say where it stands, also where its state can't be read: an operator has to find that one too.
        status = try Self.decode(row[4])
        direction = try Self.decode(row[5])
        step = try row[6].decode(String?.self).map { StepName(rawValue: $0) }
        attempt = Int(try row[7].decode(Int32.self))
        waitingFor = try row[8].decode(String?.self).flatMap { SagaState.Waiting(rawValue: $0) }
        let json = try row[14].decode(JSONB.self).bytes
        do {
            state = try SagaState(row: JSONValue(json: json), definition: definition, startedAt: startedAt)
            unreadable = nil
        } catch {
            var known = SagaState(definition: definition, status: status, data: SagaData(input: .null))
            (known.direction, known.step, known.attempt) = (direction, step, attempt)
            state = known
            unreadable = "\(error)"
        }
        dueAt = try row[9].decode(Date?.self)
        reason = try row[10].decode(String?.self)
        changedAt = try row[12].decode(Date.self)
        owner = try row[13].decode(String?.self)
    }

    private static func decode<Value: RawRepresentable<String>>(_ column: PostgresCell) throws -> Value {
        let text = try column.decode(String.self)
        guard let value = Value(rawValue: text) else {
            throw SagaError(.undecodable, "A saga's row says '\(text)', which this version does not know.")
        }
        return value
    }
}
