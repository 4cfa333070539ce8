public import EventSourcing
import Postgres
public import PostgresEventStore

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// How far a projection has come, and why it stands still if it does. See ``ProjectionProgress/all()``.
public struct ProjectionStatus: Sendable, Hashable {
    /// Its name.
    public let name: String
    /// Its version.
    public let version: Int
    /// The position of the last event whose effect is in its tables; 0 before the first.
    public let position: GlobalPosition
    /// The lease's epoch under which that was written.
    public let epoch: Epoch
    /// When that was written, by the database's clock.
    public let updatedAt: Date
    /// How many positions the last event of the log is ahead of it. Positions may have gaps: at most so many events.
    public let behind: Int64
    /// How long the first event that it has not applied has been in the log; zero if it has applied all.
    public let lag: Duration
    /// The event that it cannot apply; nil unless it stands still.
    public let failure: Failure?

    /// An event that a projection cannot apply.
    public struct Failure: Sendable, Hashable {
        /// The event's position.
        public let position: GlobalPosition
        /// The event's stored type.
        public let type: String
        /// What went wrong at the latest attempt.
        public let reason: String
        /// When it was tried first.
        public let firstAt: Date
        /// When it was tried last.
        public let lastAt: Date
        /// How often it was tried.
        public let attempts: Int
    }
}

extension ProjectionStatus {
    /// Reads a row of `ProjectionStatements.status`.
    init(_ row: Row) throws(PostgresError) {
        name = try row["projection"].decode(String.self)
        version = Int(try row["version"].decode(Int32.self))
        position = GlobalPosition(try row["position"].decode(Int64.self))
        epoch = Epoch(rawValue: try row["epoch"].decode(Int64.self))
        updatedAt = try row["updated_at"].decode(Date.self)
        behind = try row["behind"].decode(Int64.self)
        let now = try row["now"].decode(Date.self)
        let pending = try row["oldest_pending"].decode(Date?.self)
        lag = pending.map { .seconds(max(0, now.timeIntervalSince($0))) } ?? .zero
        failure = try Failure(row)
    }
}

extension ProjectionStatus.Failure {
    fileprivate init?(_ row: Row) throws(PostgresError) {
        guard let position = try row["failed_position"].decode(Int64?.self) else { return nil }
        self.position = GlobalPosition(position)
        type = try row["failed_type"].decode(String.self)
        reason = try row["failure"].decode(String.self)
        firstAt = try row["failed_at"].decode(Date.self)
        lastAt = try row["last_failed_at"].decode(Date.self)
        attempts = Int(try row["failures"].decode(Int32.self))
    }
}
