import EventSourcing
import Postgres
import PostgresEventStore
import SkaldTesting
import Synchronization
import Testing

/// `store.transaction { }`: one commit for events and tables, and no hold on the log for longer than allowed.
@Suite struct TransactionTests {
    private static func event() throws -> NewEvent { try NewEvent(type: "seat.held", json: "{}") }

    private struct Stop: Error {}

    @Test func `ES3: what the closure throws undoes events and tables alike`() async throws {
        try await withTestDatabase(.skald) { database in
            try await database.psql("create table notes (note text); grant all on notes to skald_writer")
            try await database.withStore { store in
                await #expect(throws: Stop.self) {
                    try await store.transaction { transaction in
                        try await transaction.append([Self.event()], to: "tx-1", expecting: .noStream)
                        try await transaction.append([Self.event()], to: "tx-2", expecting: .noStream)
                        try await transaction.execute("insert into notes values ('gone')")
                        throw Stop()
                    }
                }
                try await store.transaction { transaction in
                    try await transaction.append([Self.event()], to: "tx-2", expecting: .noStream)
                    try await transaction.execute("insert into notes values ('kept')")
                }
            }
            #expect(try await database.psql("select stream from skald.events") == "tx-2")
            #expect(try await database.psql("select note from notes") == "kept")
        }
    }

    @Test func `ES5: a conflict that is caught leaves the transaction as it was`() async throws {
        try await withTestDatabase(.skald) { database in
            try await database.withStore { store in
                try await store.appendOne(to: "tx-1")
                try await store.transaction { transaction in
                    try await transaction.append([Self.event()], to: "tx-2", expecting: .noStream)
                    let error = await #expect(throws: EventStoreError.self) {
                        try await transaction.append([Self.event()], to: "tx-1", expecting: .noStream)
                    }
                    #expect(error?.code == .versionConflict)
                    #expect(error?.actual == 0)
                    try await transaction.append([Self.event()], to: "tx-1", expecting: .version(0))
                }
            }
            let log = try await database.psql("select stream, version from skald.events order by position")
            #expect(log == "tx-1|0\ntx-2|0\ntx-1|1")
        }
    }

    @Test func `ES15: a client that pauses in the middle of an append holds the log back no longer than allowed`()
        async throws
    {
        try await withTestDatabase(.skald) { database in
            var configuration = PostgresEventStore.Configuration()
            configuration.transactionIdleTimeout = .seconds(3)
            configuration.transactionAttempts = 1
            try await database.withStore(configuration: configuration) { store in
                await #expect(throws: PostgresError.self) {
                    try await store.transaction { transaction in
                        try await transaction.append([Self.event()], to: "paused-1", expecting: .any)
                        // From here on the client does nothing with its transaction.
                        let later = try await store.appendOne(to: "later-1").lastPosition
                        let status = try await store.status()
                        #expect(status.watermark < later, "the open append holds the log back")
                        let holder = Int(transaction.postgres.backendPID)
                        #expect(status.holder?.processID == holder)
                        try await eventually("the server ends it, and the log goes on") {
                            try await store.logState().watermark >= later
                        }
                    }
                }
                let status = try await store.status()
                #expect(status.holder == nil)
            }
            #expect(try await database.psql("select stream from skald.events") == "later-1")
        }
    }

    @Test func `a transaction that is used after its closure has ended says so`() async throws {
        try await withTestDatabase(.skald) { database in
            try await database.withStore { store in
                let escaped = try await store.transaction { transaction in
                    try await transaction.append([Self.event()], to: "tx-1", expecting: .any)
                    return transaction
                }
                let statement = await #expect(throws: PostgresError.self) { try await escaped.execute("select 1") }
                #expect(statement?.code == .transactionEnded)
                await #expect(throws: EventStoreError.self) {
                    try await escaped.append([Self.event()], to: "tx-1", expecting: .any)
                }
            }
            #expect(try await database.count("select count(*) from skald.events") == 1)
        }
    }

    @Test func `a deadlock is resolved by running the closure again`() async throws {
        try await withTestDatabase(.skald) { database in
            try await database.withStore { store in
                for stream in ["left-1", "right-1"] { try await store.appendOne(to: stream) }
                let attempts = Tally()
                let bothHoldOne = StoreGate()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for order in [["left-1", "right-1"], ["right-1", "left-1"]] {
                        group.addTask {
                            try await store.transaction { transaction in
                                attempts.add()
                                try await transaction.append(
                                    [Self.event()], to: StreamID(validating: order[0]), expecting: .any)
                                if attempts.count <= 2 { await bothHoldOne.pass() }
                                try await transaction.append(
                                    [Self.event()], to: StreamID(validating: order[1]), expecting: .any)
                            }
                        }
                    }
                    try await eventually("each holds a stream") { bothHoldOne.arrivals == 2 }
                    bothHoldOne.open()
                    try await group.waitForAll()
                }
                #expect(attempts.count >= 3, "one of them was run again")
            }
            #expect(try await database.count("select count(*) from skald.events") == 6)
        }
    }

    @Test func `a closure whose session was ended for idling is not run again, and the error names the setting`()
        async throws
    {
        try await withTestDatabase(.skald) { database in
            var configuration = PostgresEventStore.Configuration()
            configuration.transactionIdleTimeout = .milliseconds(300)
            try await database.withStore(configuration: configuration) { store in
                for appendsAgain in [false, true] {
                    let attempts = Tally()
                    let error = await #expect(throws: PostgresError.self) {
                        try await store.transaction { transaction in
                            attempts.add()
                            try await transaction.append([Self.event()], to: "idle-1", expecting: .any)
                            let holder = transaction.postgres.backendPID
                            try await eventually("the server ends the session") {
                                try await database.count("select count(*) from pg_stat_activity where pid = \(holder)")
                                    == 0
                            }
                            if appendsAgain {
                                try await transaction.append([Self.event()], to: "idle-2", expecting: .any)
                            }
                        }
                    }
                    #expect(attempts.count == 1)
                    #expect(error?.message.contains("transactionIdleTimeout") == true, "\(String(reflecting: error))")
                    #expect(error?.outcome == .failed)
                }
            }
            #expect(try await database.count("select count(*) from skald.events") == 0)
        }
    }

    private struct StayedBusy: Error {}

    @Test func `ES15: a closure that stays busy past transactionTimeout fails, and the watermark passes it`()
        async throws
    {
        try await withTestDatabase(.skald) { database in
            var configuration = PostgresEventStore.Configuration()
            configuration.transactionTimeout = .seconds(1)
            try await database.withStore(configuration: configuration) { store in
                let error = await #expect(throws: PostgresError.self) {
                    try await store.transaction { transaction in
                        try await transaction.append([Self.event()], to: "busy-1", expecting: .any)
                        // Long past its time, and far from for ever.
                        let patience = ContinuousClock.now + .seconds(20)
                        while ContinuousClock.now < patience { try await transaction.execute("select pg_sleep(0.01)") }
                        // It is a statement that has to fail: at the commit the watermark has been held for all this time.
                        throw StayedBusy()
                    }
                }
                #expect(error?.code == .deadlineExceeded)
                let later = try await store.appendOne(to: "later-1").lastPosition
                try await eventually("the log goes on") { try await store.logState().watermark >= later }
            }
            #expect(try await database.psql("select stream from skald.events") == "later-1")
        }
    }

    @Test func `a closure that returns after transactionTimeout is rolled back`() async throws {
        try await withTestDatabase(.skald) { database in
            var configuration = PostgresEventStore.Configuration()
            configuration.transactionTimeout = .milliseconds(500)
            try await database.withStore(configuration: configuration) { store in
                let error = await #expect(throws: PostgresError.self) {
                    try await store.transaction { transaction in
                        try await transaction.append([Self.event()], to: "late-1", expecting: .any)
                        try await Task.sleep(for: .milliseconds(600))
                    }
                }
                #expect(error?.code == .deadlineExceeded)
            }
            #expect(try await database.count("select count(*) from skald.events") == 0)
        }
    }
}
