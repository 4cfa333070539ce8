import Testing

@testable import Postgres

@Suite
struct StatementCacheTests {
    @Test func `a statement is prepared when it is seen for the second time`() {
        var cache = StatementCache(capacity: 4)
        #expect(cache.plan(for: "select 1") == .unprepared)
        #expect(cache.plan(for: "select 1") == .prepare(statement: 1))
        #expect(cache.plan(for: "select 1") == .execute(statement: 1))
        #expect(cache.plan(for: "select 2") == .unprepared)
    }

    @Test func `the same text with other types is another statement`() {
        var cache = StatementCache(capacity: 4)
        _ = cache.plan(for: "select \(1 as Int64)")
        #expect(cache.plan(for: "select \("one")") == .unprepared)
        #expect(cache.plan(for: "select \(2 as Int64)") == .prepare(statement: 1))
        #expect(cache.plan(for: "select \("two")") == .prepare(statement: 2))
    }

    @Test func `the least recently used statement is dropped, once`() {
        var cache = StatementCache(capacity: 2)
        for text in ["a", "a", "b", "b", "a"] { _ = cache.plan(for: SQL(unescaped: text)) }
        #expect(!cache.hasDropped)
        _ = cache.plan(for: "c")
        #expect(cache.takeDropped() == [2])
        #expect(cache.takeDropped() == [])
        #expect(cache.plan(for: "a") == .execute(statement: 1))
        #expect(cache.count == 2)
    }

    @Test func `what is forgotten is prepared anew under another name`() {
        var cache = StatementCache(capacity: 2)
        for _ in 0..<2 { _ = cache.plan(for: "a") }
        cache.forget(statement: 1)
        #expect(cache.count == 0)
        #expect(cache.plan(for: "a") == .unprepared)
        #expect(cache.plan(for: "a") == .prepare(statement: 2))
    }

    @Test func `after a change of tables everything is prepared anew and dropped on the server`() {
        var cache = StatementCache(capacity: 2)
        for _ in 0..<2 { _ = cache.plan(for: "a") }
        cache.forgetAll()
        #expect(cache.takeDropped() == [1])
        #expect(cache.plan(for: "a") == .unprepared)
    }

    @Test func `capacity 0 prepares nothing`() {
        var cache = StatementCache(capacity: 0)
        for _ in 0..<3 { #expect(cache.plan(for: "a") == .unprepared) }
    }
}
