import Logging
import Skald

/// Takes the messages that arrive at a service, each of them once, and answers the commands among them.
struct CommandInbox: Sendable {
    let service: ServiceName
    let store: PostgresEventStore
    let commands: [CommandHandler]
    let events: @Sendable (ReceivedEvent, WorkUnit) async throws -> Void
    /// Runs when everything is done, and before it is committed.
    let beforeCommit: @Sendable () -> Void

    private var inbox: Inbox { Inbox(store.client, consumer: service.rawValue) }

    func receive(_ event: ReceivedEvent) async throws {
        guard let id = event.messageID else { throw UnknownMessage(type: event.type) }
        try await store.transaction { tx in
            try await tx.countDelivery(of: event)
            guard try await inbox.accept(id, madeAt: event.time, in: tx.postgres) else { return }
            let work = WorkUnit(tx: tx, store: store, service: service)
            if let command = ReceivedCommand(event) {
                try await handle(command, work)
            } else {
                try await events(event, work)
            }
            beforeCommit()
        }
    }

    private func handle(_ command: ReceivedCommand, _ work: WorkUnit) async throws {
        guard let handler = commands.first(where: { $0.type == command.type }) else {
            throw UnknownMessage(type: command.type)
        }
        let reply = try await SagaEffects().handle(command, in: work.tx.postgres) {
            do {
                return .succeeded(try await handler.handle(command, work))
            } catch let refusal as any SagaRefusal {
                return .refused(refusal.reason)
            }
        } undo: {
            _ = try await handler.handle(command, work)
        }
        try await work.tx.enqueue(reply, to: command.replyTo)
    }
}

/// A message that this service has no use for: somebody sends to the wrong address.
struct UnknownMessage: Error, CustomStringConvertible {
    let type: String
    var description: String { "nobody here handles messages of type '\(type)'" }
}

extension Transaction {
    /// Counts how often a message was delivered: what the demo's proof compares with how often it was handled.
    func countDelivery(of event: ReceivedEvent) async throws {
        try await execute(
            """
            insert into deliveries (id, type, times) values (\(event.messageID?.rawValue), \(event.type), 1) \
            on conflict (id) do update set times = deliveries.times + 1
            """)
    }
}
