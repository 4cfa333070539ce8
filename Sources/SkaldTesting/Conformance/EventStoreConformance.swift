public import EventSourcing

/// What every event store promises, as checks that any store's tests can run.
///
/// ```swift
/// @Test(arguments: EventStoreConformance.allCases)
/// func `my store keeps its promises`(_ promise: EventStoreConformance) async throws {
///     try await promise.check(MyStore())
/// }
/// ```
///
/// The checks use streams of their own with random names, so they may share a store and run at the same time. The ids
/// in brackets are those of Skald's invariants.
public struct EventStoreConformance: Sendable, CustomStringConvertible {
    /// The promise, as a sentence.
    public let promise: String
    let body: @Sendable (Trial) async throws -> Void

    init(_ promise: String, _ body: @escaping @Sendable (Trial) async throws -> Void) {
        self.promise = promise
        self.body = body
    }

    /// All promises.
    public static let allCases: [EventStoreConformance] =
        expectations + atomicity + replays + recording + streamReading + logReading + following + concurrency + limits

    /// Checks the promise on a store, and records an issue for each way in which it is broken.
    ///
    /// - Parameters:
    ///   - store: The store. It need not be empty.
    ///   - patience: How long to wait for what must come by itself, such as the delivery to a follower. Default: 30 s.
    /// - Throws: what the store throws where it should not.
    public func check(_ store: any EventStore, patience: Duration = .seconds(30)) async throws {
        try await body(Trial(store: store, patience: patience))
    }

    /// The promise.
    public var description: String { promise }
}
