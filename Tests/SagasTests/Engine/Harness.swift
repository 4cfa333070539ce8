import EventSourcing
import Logging
import Postgres
import PostgresEventStore
import Sagas
import ServiceLifecycle
import SkaldTesting
import Synchronization
import Testing

/// A store on a database of its own, and the client of its sagas.
struct World: Sendable {
    let database: TestDatabase
    let store: PostgresEventStore
    let sagas: Sagas

    /// Gives `body` a world of its own (a worker would take up another test's sagas), and ends it with the queries that
    /// every saga test ends with.
    static func with(_ body: (World) async throws -> Void) async throws {
        try await withTestDatabase(.skald) { try await with($0, body) }
    }

    static func with(_ database: TestDatabase, _ body: (World) async throws -> Void) async throws {
        try await database.withStore { store in
            let world = World(database: database, store: store, sagas: Sagas(store, logger: .silent))
            try await body(world)
        }
        try await expectSoundSagas(database)
    }

    /// Runs a worker beside `body`, and shuts it down gracefully.
    func withWorker(
        _ saga: any Saga, leases: Duration = .seconds(2), sharing sagas: Sagas? = nil,
        configure: (inout SagaWorker.Configuration) -> Void = { _ in }, _ body: (SagaWorker) async throws -> Void
    ) async throws {
        var configuration = SagaWorker.Configuration()
        configuration.leases = .init(duration: leases)
        configuration.replyTo = "replies"
        configure(&configuration)
        let worker = try SagaWorker(
            sagas ?? self.sagas, running: [saga], configuration: configuration, logger: .silent)
        let group = ServiceGroup(configuration: .init(services: [.init(service: worker)], logger: .silent))
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await group.run() }
            try await body(worker)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    /// Waits until a saga is as wanted.
    @discardableResult
    func wait(
        for id: SagaID, of name: SagaName, within limit: Duration = .seconds(20),
        until isWanted: (SagaStatus) -> Bool = { $0.state.isFinished },
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> SagaStatus {
        let end = ContinuousClock.now + limit
        var last: SagaStatus?
        while ContinuousClock.now < end {
            last = try await sagas.status(of: name, id: id)
            if let last, isWanted(last) { return last }
            try await Task.sleep(for: .milliseconds(5))
        }
        try #require(Bool(false), "not reached: \(String(describing: last))", sourceLocation: sourceLocation)
        throw CancellationError()
    }

    /// The events of a saga in short, and a check that they fold to its row (SG3).
    func history(
        of id: SagaID, _ name: SagaName, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> [String] {
        let events = try await sagas.history(of: name, id: id).map(\.event)
        let status = try await sagas.status(of: name, id: id)
        #expect(SagaState(folding: events) == status?.state, sourceLocation: sourceLocation)
        return events.map(\.short)
    }
}

/// What holds after every test: rows and histories agree, nothing finished is due, every stream is whole (ES4).
func expectSoundSagas(_ database: TestDatabase, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let flaws = try await database.psql(
        """
        select format('saga %s: row at %s, history at %s', s.id, s.revision, t.version)
          from skald.sagas s left join skald.streams t on t.tenant = s.tenant and t.name = skald.saga_stream(s.name, s.id)
         where s.revision is distinct from t.version
        union all
        select format('saga %s is %s and due', s.id, s.status) from skald.sagas s
         where s.status in ('completed', 'compensated', 'running') and s.due_at is not null
           and not exists (select from skald.saga_inputs i where i.tenant = s.tenant and i.name = s.name and i.saga = s.id)
        union all
        select format('%s: version %s follows %s', stream, version, previous) from (
            select stream, version, lag(version, 1, -1::bigint) over (partition by tenant, stream order by version) as previous
              from skald.events) as v where version <> previous + 1
        """)
    #expect(flaws.isEmpty, "\(flaws)", sourceLocation: sourceLocation)
}

/// What happened to the outside world, in order.
final class Journal: Sendable {
    private let lines: Mutex<[String]> = Mutex([])
    var all: [String] { lines.withLock { $0 } }
    func note(_ line: String) { lines.withLock { $0.append(line) } }
    func count(_ line: String) -> Int { all.count { $0 == line } }
}

/// A gate that calls wait at until somebody opens it, or they are cancelled.
final class Gate: Sendable {
    private let (opened, opener) = AsyncStream<Void>.makeStream()

    func open() { opener.finish() }

    func pass() async {
        for await _ in opened {}
    }
}

/// A gate for any number of calls, none of which heeds its cancellation.
final class Latch: Sendable {
    private let state = Mutex((isOpen: false, waiting: [CheckedContinuation<Void, Never>]()))

    func open() {
        let waiting = state.withLock { state in
            defer { state = (true, []) }
            return state.waiting
        }
        for call in waiting { call.resume() }
    }

    func pass() async {
        await withCheckedContinuation { call in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(call) }
                return state.isOpen
            }
            if isOpen { call.resume() }
        }
    }
}
