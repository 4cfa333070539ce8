public import EventSourcing
import Postgres

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// How the log stands, and who holds the watermark back.
public struct LogStatus: Sendable, Hashable {
    /// The highest position that was ever drawn.
    public let head: GlobalPosition
    /// The position up to which the log is final.
    public let watermark: GlobalPosition
    /// The log's generation.
    public let generation: LogGeneration
    /// The session with the oldest append that is still open; nil if there is none.
    public let holder: Holder?

    /// How many positions lie between watermark and head: drawn, and not final yet.
    public var lag: Int64 { head.rawValue - watermark.rawValue }

    /// A session that holds the watermark back.
    public struct Holder: Sendable, Hashable {
        /// The server process; nil for a prepared transaction, which has none.
        public let processID: Int?
        /// What it calls itself.
        public let application: String?
        /// Its role.
        public let user: String?
        /// When its transaction began; nil if the store's owner may not see that.
        public let since: Date?
        /// What it is doing, such as `active` or `idle in transaction`.
        public let state: String?
    }
}

extension PostgresEventStore {
    /// How the log stands, and who holds the watermark back.
    ///
    /// - Throws: `unavailable` or `timedOut` if the database does not answer.
    public func status() async throws(EventStoreError) -> LogStatus {
        do throws(PostgresError) {
            let rows = try await client.query(reads.status, deadline: configuration.statementTimeout)
            guard let row = rows.first else { throw PostgresError(.decoding, "log_status() returned no row") }
            let (head, watermark, generation, processID, application, user, since, state) = try row.decode(
                Int64.self, Int64.self, Int32?.self, Int32?.self, String?.self, String?.self, Date?.self, String?.self)
            let holder = LogStatus.Holder(
                processID: processID.map { Int($0) }, application: application, user: user, since: since, state: state)
            return LogStatus(
                head: GlobalPosition(head), watermark: GlobalPosition(watermark),
                generation: LogGeneration(Int64(generation ?? 1)), holder: watermark < head ? holder : nil)
        } catch {
            throw EventStoreError(reading: error)
        }
    }
}
