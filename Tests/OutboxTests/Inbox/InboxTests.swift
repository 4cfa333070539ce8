import Outbox
import Postgres
import SkaldTesting
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// OB9: a message is handled once per consumer, whatever is delivered how often.
@Suite struct InboxTests {
    private struct Refused: Error {}

    private func withInbox(_ body: (Inbox, OutboxFixture) async throws -> Void) async throws {
        try await OutboxFixture.with { fixture in
            try await fixture.database.psql(
                "create table effect (n int); grant insert, select on effect to skald_writer")
            try await body(Inbox(fixture.client, consumer: "seats"), fixture)
        }
    }

    @Test func `OB9: a second delivery has no effect, for another consumer it is the first`() async throws {
        try await withInbox { inbox, fixture in
            let id = MessageID()
            for expected in [Inbox.Handling.handled, .duplicate, .duplicate] {
                let handling = try await inbox.handle(id) { try await $0.execute("insert into effect values (1)") }
                #expect(handling == expected)
            }
            let other = Inbox(fixture.client, consumer: "rooms")
            let first = try await other.handle(id) { try await $0.execute("insert into effect values (1)") }
            #expect(first == .handled)
            #expect(try await fixture.count("select count(*) from effect") == 2)
        }
    }

    @Test func `OB9: handling that fails is not recorded, and the next delivery handles it`() async throws {
        try await withInbox { inbox, fixture in
            let id = MessageID()
            await #expect(throws: Refused.self) {
                _ = try await inbox.handle(id) { tx in
                    try await tx.execute("insert into effect values (1)")
                    throw Refused()
                }
            }
            #expect(try await fixture.count("select count(*) from effect") == 0)
            let next = try await inbox.handle(id) { try await $0.execute("insert into effect values (1)") }
            #expect(next == .handled)
        }
    }

    @Test func `OB9: deliveries at the same moment have one effect`() async throws {
        try await withInbox { inbox, fixture in
            let ids = (0..<10).map { _ in MessageID() }
            let handled = try await withThrowingTaskGroup(of: Inbox.Handling.self) { group in
                for id in ids + ids + ids + ids {
                    group.addTask {
                        try await inbox.handle(id) { try await $0.execute("insert into effect values (1)") }
                    }
                }
                return try await group.reduce(0) { $1 == .handled ? $0 + 1 : $0 }
            }
            #expect(handled == 10)
            #expect(try await fixture.count("select count(*) from effect") == 10)
        }
    }

    @Test func `OB9: within the window a duplicate is known after any purge, and a message from before it is refused`()
        async throws
    {
        try await withInbox { inbox, fixture in
            let id = MessageID()
            _ = try await inbox.handle(id) { _ in }
            #expect(try await inbox.purge() == 0)
            let again = try await inbox.handle(id) { _ in }
            #expect(again == .duplicate)
            let error = await #expect(throws: PostgresError.self) {
                _ = try await inbox.handle(MessageID(), madeAt: .now - 31 * 86_400) { _ in }
            }
            #expect(error?.sqlState == "SK012")
            try await fixture.database.psql("update skald.inbox set expires_at = '-infinity'")
            #expect(try await inbox.purge() == 1)
        }
    }
}
