import Foundation
import Logging
import PostgresEventStore
import Sagas
import ServiceLifecycle
import UnixSignals

/// A process that runs errands, for tests that kill and pause it: `SagaProgram <name> <gate>`, with the database in
/// `DATABASE_URL`. It says what it does line by line, and ends on SIGTERM.
@main
struct SagaProgram {
    static func main() async throws {
        let (name, gate) = (CommandLine.arguments[1], CommandLine.arguments[2])
        let database = ProcessInfo.processInfo.environment["DATABASE_URL"] ?? ""
        let logger = Logger(label: "saga-program") { _ in SwiftLogNoOpLogHandler() }
        try await PostgresEventStore.with(connectionString: database, logger: logger) { store in
            let participant = Neighbour(process: name, gate: gate, client: store.client)
            var configuration = SagaWorker.Configuration()
            configuration.leases = .init(duration: .seconds(2))
            let worker = try SagaWorker(
                Sagas(store, logger: logger), running: [Errand(act: participant.act)], configuration: configuration,
                logger: logger)
            say("ready")
            try await ServiceGroup(
                configuration: .init(
                    services: [.init(service: worker)], gracefulShutdownSignals: [.sigterm], logger: logger)
            ).run()
        }
        say("over")
    }
}

/// Not `print`: what it says must be read while it runs, and also when it is killed.
func say(_ line: String) {
    FileHandle.standardOutput.write(Data("\(line)\n".utf8))
}
