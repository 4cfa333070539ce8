import Skald

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// One transaction of a service, in which one message is handled: events, the service's own rows and what it has to say to
/// others commit together, with the inbox's row, or not at all.
struct WorkUnit {
    let tx: Transaction
    let store: PostgresEventStore
    let service: ServiceName

    /// Carries a command out by a decider: load, decide, append. Who meets another writer decides anew.
    ///
    /// - Returns: the state after it.
    @discardableResult
    func execute<D: Decider>(_ command: D.Command, by decider: D, on id: D.ID) async throws -> D.State {
        var attempt = 1
        while true {
            let before = try await store.load(decider, on: id)
            let events = try decider.decide(command, in: before.state)
            if events.isEmpty { return before.state }
            do {
                try await tx.append(events, to: before.stream, expecting: ExpectedVersion(after: before.version))
                return decider.fold(events, from: before.state)
            } catch {
                guard error.code == .versionConflict, attempt < 20 else { throw error }
                attempt += 1
            }
        }
    }

    /// Tells whoever wants to know.
    func publish(_ text: String, about booking: BookingID) async throws {
        let news = try JSONEncoder().encode(BookingNews(booking: booking, text: text))
        let message = OutboxMessage(
            key: booking, type: "booking.news", source: "/\(service.rawValue)", data: Array(news))
        try await tx.enqueue(message, to: ServiceName.notifications.rawValue)
    }
}
