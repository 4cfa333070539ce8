import Postgres
import Testing

@Suite
struct ListenTests {
    @Test func `a notification is heard on its channel only`() async throws {
        try await TestServer.withClient { client in
            var heard = client.listen(on: ["News", "other"]).makeAsyncIterator()
            #expect(try await heard.next() == .resubscribed)
            try await client.query("select pg_notify('unheard', 'x'), pg_notify('News', \("first"))")
            let first = try await heard.next()
            guard case .notified("News", "first", let pid) = first else {
                Issue.record("heard \(String(describing: first))")
                return
            }
            #expect(pid > 0)
        }
    }

    @Test func `a listener subscribes again when its connection was killed`() async throws {
        try await TestServer.withClient { client in
            var heard = client.listen(on: ["news"]).makeAsyncIterator()
            #expect(try await heard.next() == .resubscribed)
            try await client.query(
                "select pg_terminate_backend(pid) from pg_stat_activity where query ilike 'listen %' and datname = current_database()"
            )
            #expect(try await heard.next() == .resubscribed)
            try await client.query("notify news, 'again'")
            guard case .notified("news", "again", _) = try await heard.next() else {
                Issue.record("the notification was not heard")
                return
            }
        }
    }

    @Test func `listeners that come and go share a connection`() async throws {
        try await TestServer.withClient { client in
            var one = client.listen(on: ["a"]).makeAsyncIterator()
            #expect(try await one.next() == .resubscribed)
            do {
                var two = client.listen(on: ["a", "b"]).makeAsyncIterator()
                #expect(try await two.next() == .resubscribed)
                try await client.query("notify b")
                guard case .notified("b", "", _) = try await two.next() else {
                    Issue.record("b was not heard")
                    return
                }
            }
            try await client.query("notify a")
            guard case .notified("a", "", _) = try await one.next() else {
                Issue.record("a was not heard")
                return
            }
            let count = try await client.number(
                "select count(*) from pg_stat_activity where query ilike '%listen %' and datname = current_database() and pid <> pg_backend_pid()"
            )
            #expect(count == 1)
        }
    }

    @Test func `a cancelled task stops listening`() async throws {
        try await TestServer.withClient { client in
            try await withThrowingTaskGroup(of: Int.self) { group in
                group.addTask {
                    var count = 0
                    for try await _ in client.listen(on: ["news"]) { count += 1 }
                    return count
                }
                group.cancelAll()
                _ = try await group.next()
            }
        }
    }
}
