public import EventSourcing
public import Foundation
public import Postgres
public import Projections
public import Testing

/// Begins an example of what a projection makes of events: what has happened on one stream.
///
/// ```swift
/// given(SeatMap(), on: "A1", .held(booking: b1, until: noon))
///     .thenStatements("insert into \(seats) (seat, booking, held_until) values (\("A1"), \(b1), \(noon))")
///
/// try await given(SeatMap(), on: "A1", .held(booking: b1, until: noon))
///     .and(on: "A2", .released(booking: b2))
///     .then("select seat, booking from seat_map order by seat", gives: "A1|b1", in: .current)
/// ```
///
/// - Parameters:
///   - key: The stream's key within the events' category.
///   - recordedAt: When all of them were recorded.
public func given<P: Projection, E: Event>(
    _ projection: P, on key: some StreamKey, at recordedAt: Date = Date(timeIntervalSince1970: 1_767_225_600),
    _ events: E...
) -> GivenEvents<P> {
    GivenEvents(projection: projection, recordedAt: recordedAt).adding(events, on: key)
}

/// The same for a projection of one kind of event, whose cases can then be written with a dot.
public func given<P: SQLProjection>(
    _ projection: P, on key: some StreamKey, at recordedAt: Date = Date(timeIntervalSince1970: 1_767_225_600),
    _ events: P.Event...
) -> GivenEvents<P> {
    GivenEvents(projection: projection, recordedAt: recordedAt).adding(events, on: key)
}

/// A projection and what has happened, in the order of the log.
public struct GivenEvents<P: Projection>: Sendable {
    let projection: P
    let recordedAt: Date
    var recorded: [RecordedEvent] = []
    var flaws: [String] = []

    /// What has happened after that, on this stream or another.
    public func and<E: Event>(on key: some StreamKey, _ events: E...) -> Self { adding(events, on: key) }

    /// Expects exactly these statements, in this order, for all events together. Nothing is run.
    @discardableResult
    public func thenStatements(_ expected: SQL..., sourceLocation: SourceLocation = #_sourceLocation) -> Self {
        reportFlaws(sourceLocation)
        let projection = AnyProjection(projection, coding: EventCoding())
        do {
            var statements: [SQL] = []
            for event in recorded {
                guard let listed = try projection.statements(for: event) else {
                    Issue.record(
                        "the projection does not only list statements; run it with then(_:gives:in:)",
                        sourceLocation: sourceLocation)
                    return self
                }
                statements += listed
            }
            #expect(
                statements.map(\.readable) == expected.map(\.readable), "the projection lists other statements",
                sourceLocation: sourceLocation)
            #expect(
                statements.map(\.binds) == expected.map(\.binds), "the projection binds other values",
                sourceLocation: sourceLocation)
        } catch {
            Issue.record("the projection failed: \(String(reflecting: error))", sourceLocation: sourceLocation)
        }
        return self
    }

    /// Expects that the projection refuses the last of these events with any error. Nothing is run.
    @discardableResult
    public func thenThrows(sourceLocation: SourceLocation = #_sourceLocation) -> Self {
        reportFlaws(sourceLocation)
        let projection = AnyProjection(projection, coding: EventCoding())
        for event in recorded.dropLast() {
            #expect(throws: Never.self, sourceLocation: sourceLocation) { try projection.statements(for: event) }
        }
        if let last = recorded.last {
            #expect(throws: (any Error).self, sourceLocation: sourceLocation) { try projection.statements(for: last) }
        }
        return self
    }

    /// Applies the events in the database, expects what the query gives then, and rolls all of it back.
    ///
    /// - Parameters:
    ///   - query: What to ask; give it an order.
    ///   - rows: A line for each row, its columns as text, parted by `|`; nulls are empty.
    ///   - database: Whose tables to use, as the writer.
    @discardableResult
    public func then(
        _ query: SQL, gives rows: String..., in database: TestDatabase,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Self {
        reportFlaws(sourceLocation)
        let projection = AnyProjection(projection, coding: EventCoding())
        let recorded = recorded
        let lines: SQL = """
            select array(select coalesce(c.value, '') from json_each_text(row_to_json(r)) with ordinality as c(name, value, n)
                          order by c.n) from (\(query)) as r
            """
        do {
            try await database.withClient { client in
                try await client.withTransaction { transaction in
                    for event in recorded { try await projection.apply(event, in: transaction) }
                    throw Answer(
                        lines: try await transaction.query(lines).map {
                            try $0[0].decode([String].self).joined(separator: "|")
                        })
                }
            }
        } catch let answer as Answer {
            #expect(answer.lines == rows, sourceLocation: sourceLocation)
        }
        return self
    }

    /// Leaves the transaction, which rolls it back.
    private struct Answer: Error {
        let lines: [String]
    }

    /// Through the stored form, so that the projection is given what it will be given by the log.
    func adding<E: Event>(_ events: [E], on key: some StreamKey) -> Self {
        var copy = self
        for event in events {
            do {
                let stored = try EventCoding().encode(event)
                let stream = try StreamID(E.category, key)
                copy.recorded.append(
                    RecordedEvent(
                        position: GlobalPosition(Int64(copy.recorded.count + 1)), stream: stream,
                        version: StreamVersion(Int64(copy.recorded.count { $0.stream == stream })), type: stored.type,
                        data: stored.data, metadataJSON: stored.metadataJSON, tags: stored.tags, id: EventID(),
                        recordedAt: recordedAt))
            } catch {
                copy.flaws.append("\(event) cannot be stored: \(error.message)")
            }
        }
        return copy
    }

    private func reportFlaws(_ sourceLocation: SourceLocation) {
        for flaw in flaws { Issue.record("\(flaw)", sourceLocation: sourceLocation) }
    }
}

extension SQL {
    /// The text with one space for each stretch of white space.
    fileprivate var readable: String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
