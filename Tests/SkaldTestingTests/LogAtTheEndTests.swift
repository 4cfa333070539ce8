import SkaldTesting
import Testing

/// Every database's log is looked over when its test ends (ES3, ES4, ES7), so each kind of flaw must be found there.
@Suite struct `The log at the end of a test` {
    private static let twoStreams = """
        select skald.append('seat-A1', -2, '[{"type":"t","data":1},{"type":"t","data":2},{"type":"t","data":3}]',
            '0193a5d2-0000-7000-8000-000000000001');
        select skald.append('seat-A2', -2, '[{"type":"t","data":1}]');
        """

    /// Changes an event behind the triggers' back.
    private static func forge(_ change: String) -> String {
        "begin; set local session_replication_role = replica; \(change); commit;"
    }

    @Test(arguments: [
        (forge("delete from skald.events where stream = 'seat-A1' and version = 1"), "version 2 follows 0"),
        (forge("update skald.events set version = 1 where stream = 'seat-A1' and version = 2"), "version 1 follows 1"),
        (
            forge("update skald.events set position = position + 10 where stream = 'seat-A1' and version = 0"),
            "position 2 at version 1 is not above 11"
        ),
        ("update skald.streams set version = 7 where name = 'seat-A2'", "seat-A2: the row says version 7"),
        (forge("delete from skald.events where stream = 'seat-A2'"), "seat-A2: the row says version 0"),
        (
            forge("update skald.events set version = version where stream = 'seat-A1' and version = 1"),
            "append 0193a5d2-0000-7000-8000-000000000001 is in pieces"
        ),
    ])
    func `a flaw fails the test that left it`(forgery: String, found: String) async throws {
        try await withKnownIssue {
            try await withTestDatabase(.skald) { database in
                try await database.psql(Self.twoStreams, as: .writer)
                try await database.psql(forgery)
            }
        } matching: { issue in
            issue.comments.contains { $0.rawValue.contains(found) }
        }
    }

    @Test func `a sound log, an empty one and no log at all are nobody's failure`() async throws {
        try await withTestDatabase(.skald) { try await $0.psql(Self.twoStreams, as: .writer) }
        for template in [TestTemplate.skald, .empty] {
            let flaws = try await withTestDatabase(template) { try await $0.logFlaws() }
            #expect(flaws.isEmpty)
        }
    }

    @Test func `a test that breaks its log on purpose says so`() async throws {
        try await withTestDatabase(.skald, log: .unsound("a version is taken out")) { database in
            try await database.psql(Self.twoStreams, as: .writer)
            try await database.psql(Self.forge("delete from skald.events where stream = 'seat-A1' and version = 1"))
            #expect(try await database.logFlaws().contains("version 2 follows 0"))
        }
    }
}
