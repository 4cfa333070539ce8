import Hummingbird
import Skald

extension ServiceHost {
    /// Runs a service that takes commands and answers them.
    func run(
        commands: [CommandHandler], projections: [any Projection] = [],
        events: @escaping @Sendable (ReceivedEvent, WorkUnit) async throws -> Void = { event, _ in
            throw UnknownMessage(type: event.type)
        },
        routes: (Router<BasicRequestContext>) -> Void = { _ in }
    ) async throws {
        let inbox = CommandInbox(
            service: options.service, store: store, commands: commands, events: events,
            beforeCommit: { Fault.mayCrash() })
        try await run(receive: { try await inbox.receive($0) }, projections: projections, routes: routes)
    }
}
