import Logging
import ServiceLifecycle
import Skald
import SkaldTesting
import Testing
import UnixSignals

@Suite(.testDatabase(.skald)) struct ServiceExamples {
    @Test func `a service is one group of client, store and one's own`() async throws {
        let database = try TestDatabase.current
        let (url, logger) = (database.connectionString(), Logger.silent)
        // docs: service
        let client = PostgresClient(.init(connectionString: url), logger: logger)
        let store = PostgresEventStore(client, logger: logger)
        let services = ServiceGroup(
            configuration: .init(
                services: [
                    .init(service: client), .init(service: store),
                    .init(service: BoxOffice(store: store), successTerminationBehavior: .gracefullyShutdownGroup),
                ], gracefulShutdownSignals: [.sigterm], logger: logger))
        try await services.run()
        // docs: end
        try await database.withStore { store in
            let holder = try await store.load(Seat(), on: "A1").state
            #expect(holder == "Ann")
        }
    }
}

// docs: box office
struct BoxOffice: Service {
    let store: PostgresEventStore

    func run() async throws {
        await store.ready()
        try await store.execute(.hold(by: "Ann"), by: Seat(), on: "A1")
    }
}
// docs: end
