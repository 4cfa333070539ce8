import SkaldTesting
import Testing

/// What a reader pastes into psql works there.
@Suite struct SQLBlockTests {
    @Test func `every SQL block of the articles runs in psql as the writer`() async throws {
        var count = 0
        for article in try Library.articles() {
            let blocks = article.blocks.filter { $0.language == "sql" }
            guard !blocks.isEmpty else { continue }
            try await withTestDatabase(.skald) { database in
                for block in blocks {
                    count += 1
                    do {
                        try await database.psql("\\set ON_ERROR_STOP on\n\(block.code)\n", as: .writer)
                    } catch {
                        Issue.record("\(article.path):\(block.line): psql refuses this block: \(error)")
                    }
                }
            }
        }
        #expect(count > 0)
    }
}
