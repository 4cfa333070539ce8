import EmbeddedPostgres
import Logging
import Synchronization
import Testing

@testable import Postgres

@Suite
struct PoolTests {
    @Test func `callers who wait for a connection get it in the order in which they came`() async throws {
        try await TestServer.withClient({
            $0.maximumExclusiveConnections = 1
            $0.waitDeadline = .seconds(60)
        }) { client in
            let order = Order()
            let pool = try client.pool()
            try await withThrowingTaskGroup(of: Void.self) { group in
                try await client.withConnection { _ in
                    for n in 0..<10 {
                        group.addTask {
                            try await client.withConnection { _ in order.numbers.withLock { $0.append(n) } }
                        }
                        #expect(await eventually { await pool.waitingLeases == n + 1 })
                    }
                }
                try await group.waitForAll()
            }
            #expect(order.numbers.withLock { $0 } == Array(0..<10))
        }
    }

    final class Order: Sendable {
        let numbers = Mutex<[Int]>([])
    }

    @Test func `a caller does not wait for a connection longer than allowed`() async throws {
        try await TestServer.withClient({
            $0.maximumExclusiveConnections = 1
            $0.waitDeadline = .milliseconds(100)
        }) { client in
            // On a busy machine the connection may take longer to open than that.
            #expect(await eventually { (try? await client.withConnection { _ in true }) == true })
            try await client.withConnection { _ in
                let error = await #expect(throws: PostgresError.self) { try await client.withConnection { _ in } }
                #expect(error?.code == .poolTimeout)
                #expect(error?.outcome == .retriable)
            }
            try await client.withConnection { _ in }
        }
    }

    @Test func `a statement before run is refused at once and says what to do`() async throws {
        let client = PostgresClient(.init(connectionString: "host=/nowhere"), logger: TestServer.logger)
        let error = await #expect(throws: PostgresError.self) { try await client.query("select 1") }
        #expect(error?.code == .notRunning)
        #expect(error?.hint?.contains("run()") == true)
    }

    @Test func `a client that has ended leaves no loop, no pool and no listener behind`() async throws {
        weak var loop: EventLoop?
        weak var pool: Pool?
        weak var listener: Listener?
        try await TestServer.withClient { client in
            let running = try client.pool()
            (loop, pool, listener) = (running.loop, running, running.listener)
            try await client.withConnection { try await $0.query("select 1") }
            var heard = client.listen(on: ["news"]).makeAsyncIterator()
            _ = try await heard.next()
        }
        #expect(await eventually { loop == nil && pool == nil && listener == nil })
    }

    @Test func `a statement after the shutdown is refused`() async throws {
        var kept: PostgresClient?
        try await TestServer.withClient { kept = $0 }
        let error = await #expect(throws: PostgresError.self) { try await kept?.query("select 1") }
        #expect(error?.code == .closed)
    }

    @Test func `a connection string that is none is refused before anything begins`() async throws {
        let configuration = PostgresClient.Configuration(connectionString: "hots=x password=secret1")
        let error = await #expect(throws: PostgresError.self) {
            try await PostgresClient.with(configuration, logger: TestServer.logger) { _ in }
        }
        #expect(error?.code == .invalidArgument)
        #expect(error?.debugDescription.contains("secret1") == false)
    }

    @Test func `a database that is not there is told at once, with its SQLSTATE`() async throws {
        let database = try await TestServer.database() + " dbname=nowhere"
        var configuration = PostgresClient.Configuration(connectionString: database)
        configuration.waitDeadline = .seconds(60)
        try await PostgresClient.with(configuration, logger: TestServer.logger) { client in
            let start = ContinuousClock.now
            let error = await #expect(throws: PostgresError.self) { try await client.withConnection { _ in } }
            #expect(error?.code == .connectionFailed)
            #expect(error?.sqlState == .invalidDatabaseName)
            #expect(error?.outcome == .failed)
            #expect(ContinuousClock.now - start < .seconds(30))
        }
    }

    @Test func `a server that is not there is a passing failure`() async throws {
        var configuration = PostgresClient.Configuration(connectionString: "host=/nowhere/at/all dbname=x")
        configuration.waitDeadline = .milliseconds(200)
        try await PostgresClient.with(configuration, logger: TestServer.logger) { client in
            let error = await #expect(throws: PostgresError.self) { try await client.query("select 1") }
            #expect(error?.code == .poolTimeout)
            #expect(error?.outcome == .retriable)
            #expect((error?.underlying as? PostgresError)?.code == .connectionFailed)
        }
    }

    @Test func `shutting down finishes what is in flight`() async throws {
        let database = try await TestServer.database()
        let configuration = PostgresClient.Configuration(connectionString: database)
        async let slow = PostgresClient.with(configuration, logger: TestServer.logger) { client in
            try await client.query("select pg_sleep(0.2), 5::int8").one()[1].decode(Int64.self)
        }
        #expect(try await slow == 5)
    }

    @Test func `several hosts: the one that accepts writes is found`() async throws {
        try await TestServer.withClient({
            $0.connectionString =
                "host=/nowhere,\(hostFolder($0.connectionString)) target_session_attrs=read-write "
                + $0.connectionString.replacing(#/host=\S+/#, with: "")
        }) { client in
            let number = try await client.number("select 1::int8")
            #expect(number == 1)
        }
    }

    func hostFolder(_ connectionString: String) -> String {
        connectionString.firstMatch(of: #/host=(\S+)/#).map { String($0.1).replacing("'", with: "") } ?? ""
    }

    @Test func `behind a transaction pooler nothing is prepared and no settings are sent`() async throws {
        try await TestServer.withClient({ $0.usesTransactionPooler = true }) { client in
            try await client.withConnection { connection in
                for _ in 0..<4 { try await connection.query("select \(1 as Int64)") }
                let prepared = try await connection.number("select count(*) from pg_prepared_statements")
                #expect(prepared == 0)
            }
            #expect(try await client.query("show statement_timeout").one().decode(String.self) == "0")
        }
    }

    @Test func `on a shared connection a statement is bounded by the server, too`() async throws {
        try await TestServer.withClient({ $0.statementDeadline = .seconds(7) }) { client in
            let timeout = try await client.query("show statement_timeout").one().decode(String.self)
            #expect(timeout == "7s")
        }
    }

    @Test func `several hosts: a first one that takes no writes is passed over`() async throws {
        try await EmbeddedPostgres.with(.init(settings: ["default_transaction_read_only": "on"])) { readOnly in
            try await TestServer.withClient({
                $0.connectionString =
                    "host=\(readOnly.socketFolder),\(hostFolder($0.connectionString)) target_session_attrs=read-write "
                    + $0.connectionString.replacing(#/(host|dbname)=\S+/#, with: "") + " dbname=postgres"
            }) { client in
                let server = try await client.query("show default_transaction_read_only").one().decode(String.self)
                #expect(server == "off")
            }
        }
    }

    @Test func `no password of the connection string is logged, whatever goes wrong`() async throws {
        let log = RecordingLog()
        let database = try await TestServer.database()
        for (connectionString, fails) in [
            ("\(database) password=hush-hush", false), ("\(database) dbname=nowhere password=hush-hush", true),
            ("host=/nowhere/at/all password=hush-hush", true),
        ] {
            var configuration = PostgresClient.Configuration(connectionString: connectionString)
            configuration.waitDeadline = .milliseconds(500)
            try await PostgresClient.with(configuration, logger: log.logger) { client in
                do {
                    let pid = try await client.query("select pg_backend_pid()").one().decode(Int32.self)
                    try await client.withConnection { try await $0.query("select pg_terminate_backend(\(pid))") }
                    #expect(await eventually { log.text.contains("was lost") })
                    #expect(!fails)
                } catch {
                    #expect(fails, "\(String(reflecting: error))")
                }
            }
        }
        #expect(log.text.contains("could not be opened"))
        #expect(!log.text.contains("hush-hush"))
    }
}
