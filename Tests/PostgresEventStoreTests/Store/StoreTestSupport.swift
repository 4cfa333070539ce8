import EventSourcing
import Postgres
import PostgresEventStore
import SkaldTesting
import Synchronization
import Testing

/// Holds who passes until it is opened.
final class StoreGate: Sendable {
    private struct State {
        var isOpen = false
        var held: [CheckedContinuation<Void, Never>] = []
        var arrivals = 0
    }

    private let state = Mutex(State())

    /// How many have come to the gate.
    var arrivals: Int { state.withLock { $0.arrivals } }

    func pass() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                state.arrivals += 1
                if !state.isOpen { state.held.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let held = state.withLock { state in
            state.isOpen = true
            defer { state.held = [] }
            return state.held
        }
        for continuation in held { continuation.resume() }
    }
}

extension PostgresEventStore {
    /// Appends one event whose data is not looked at.
    @discardableResult
    func appendOne(
        to stream: String, type: String = "seat.held", expecting expected: ExpectedVersion = .any, id: AppendID? = nil
    ) async throws -> AppendResult {
        let event = try NewEvent(type: type, json: "{}")
        let append = StreamAppend([event], to: try StreamID(validating: stream), expecting: expected)
        return try await self.append([append], id: id)[0]
    }
}

extension TestDatabase {
    /// One number, asked as the database's owner.
    func count(_ query: String) async throws -> Int {
        Int(try await psql("select (\(query))")) ?? -1
    }

    /// Holds a lock in a transaction of the owner's while `body` runs.
    func holding<R>(_ lock: String, _ body: () async throws -> R) async throws -> R {
        try await withClient(as: .owner) { client in
            try await client.withTransaction { transaction in
                try await transaction.execute(SQL(unescaped: lock))
                return try await body()
            }
        }
    }

    /// Whether a session waits for a lock.
    func someoneWaits() async throws -> Bool {
        try await count(
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'") > 0
    }

    /// Taken exclusively it holds whoever comes to the gate.
    static let gate = "select pg_advisory_xact_lock(77007, 99)"

    /// Makes one call, the first by default, of a function of the log stop, before a line of it, while somebody holds the gate.
    func hold(callOf function: String, number: Int = 1, before line: String) async throws {
        try await psql("create sequence if not exists skald.calls; alter sequence skald.calls owner to skald_owner")
        try await edit(function) { text in
            text.replacing(
                line,
                with: """
                    if nextval('skald.calls') = \(number) then perform pg_advisory_xact_lock_shared(77007, 99); end if;
                    \(line)
                    """)
        }
    }

    /// Changes a function of the log in this database.
    func edit(_ function: String, _ change: (String) -> String) async throws {
        let text = try await psql("select pg_get_functiondef('skald.\(function)'::regproc)")
        let changed = change(text)
        try #require(changed != text, "\(function) has changed: change this test too")
        try await psql(changed + ";\n")
    }
}
