import Skald

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Sends mail, and hears the news. Not event-sourced: plain tables take part in the same transaction.
enum Notifications {
    static let commands: [CommandHandler] = [
        .on(SendConfirmation.self) { command, work in
            try await work.send("confirmation", about: command.booking, to: command.to, command.text)
        },
        .on(SendCancellation.self) { command, work in
            try await work.send("cancellation", about: command.booking, to: command.to, command.text)
        },
    ]

    /// Takes what the others tell of.
    static func heard(_ event: ReceivedEvent, _ work: WorkUnit) async throws {
        let news = try JSONDecoder().decode(BookingNews.self, from: Data(event.data))
        try await work.tx.execute(
            "insert into news (booking, source, text) values (\(news.booking), \(event.source), \(news.text))")
    }

    // The primary key of mail, and the missing one of news, show what would be handled twice.
    static let tables = """
        create table mail (booking text, subject text, recipient text not null, text text not null, primary key (booking, subject));
        create table news (booking text not null, source text not null, text text not null);

        """
}

extension WorkUnit {
    fileprivate func send(
        _ subject: String, about booking: BookingID, to recipient: String, _ text: String
    ) async throws {
        try await tx.execute(
            """
            insert into mail (booking, subject, recipient, text) \
            values (\(booking), \(subject), \(recipient), \(text))
            """)
    }
}
