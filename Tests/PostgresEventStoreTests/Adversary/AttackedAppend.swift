import Foundation
import Postgres
import Synchronization

/// One append that a hostile writer tried: what it sent, when, and what it was told.
struct AttackedAppend: Sendable {
    /// What it is found by in the log: every event carries it.
    let key: String
    let stream: String
    /// As in the SQL contract: a version, or -2 for any.
    let expected: Int64
    let events: Int
    var began = ContinuousClock.now
    var ended = ContinuousClock.now
    var outcome = Outcome.failed
    /// What the same call was told when it was made again.
    var repetition: Result?

    enum Outcome: Sendable, Equatable {
        /// Acknowledged, after the commit.
        case done(Result)
        /// Said to have had no effect: rolled back, refused, or lost before its commit.
        case failed
        /// The connection was lost while it was committing: there or not, as a whole.
        case unknown
    }

    struct Result: Sendable, Equatable {
        let first: Int64
        let last: Int64
        let position: Int64

        init(first: Int64, last: Int64, position: Int64) {
            self.first = first
            self.last = last
            self.position = position
        }

        init(_ row: Row) throws(PostgresError) {
            first = try row.decode("first_version")
            last = try row.decode("last_version")
            position = try row.decode("last_position")
        }
    }

    init(to stream: String, expecting expected: Int64 = -2, events: Int = .random(in: 1...3)) {
        key = UUID().uuidString
        self.stream = stream
        self.expected = expected
        self.events = events
    }

    /// The call; its append id is the key.
    var sql: SQL {
        let list = (0..<events).map { #"{"type": "attacked", "data": {"key": "\#(key)", "n": \#($0)}}"# }
        let json = "[\(list.joined(separator: ","))]"
        return """
            select first_version, last_version, last_position
              from skald.append(\(stream), \(expected), \(json)::text::jsonb, \(key)::text::uuid)
            """
    }

    /// One call for several, sorted by stream; a row for each, in that order.
    static func group(_ appends: [AttackedAppend]) -> SQL {
        var members: [Int32] = []
        var data: [JSONB] = []
        for (index, append) in appends.enumerated() {
            for number in 0..<append.events {
                members.append(Int32(index + 1))
                data.append(JSONB(Array(#"{"key": "\#(append.key)", "n": \#(number)}"#.utf8)))
            }
        }
        let (streams, expected) = (appends.map(\.stream), appends.map(\.expected))
        let none = data.map { _ in String?.none }
        return """
            select status, first_version, last_version, last_position
              from skald.append_group('', \(streams), \(expected), \(appends.map(\.key))::text[]::uuid[],
                   \(appends.map { _ in true }), \(members), \(data.map { _ in "attacked" }), \(data),
                   \(data.map { _ in JSONB?.none }), \(none), \(data.map { _ in UUID() }))
             order by member
            """
    }

    mutating func end(_ outcome: Outcome) {
        ended = .now
        self.outcome = outcome
    }
}

/// What the writers of an attack have done, and whether they go on.
final class Journal: Sendable {
    private let appends = Mutex<[AttackedAppend]>([])
    private let over = Mutex(false)

    var isOver: Bool { over.withLock(\.self) }
    var count: Int { appends.withLock(\.count) }
    var all: [AttackedAppend] { appends.withLock(\.self) }

    func add(_ done: [AttackedAppend]) { appends.withLock { $0 += done } }
    func stop() { over.withLock { $0 = true } }
}
