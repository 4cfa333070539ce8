import SkaldTesting
import Testing

/// Each promise of the outbox (OB1, OB3 to OB6) with its mechanism taken out: the tests of the promise find it.
/// `Tests/MUTATIONS.md` has what was broken by hand.
@Suite struct OutboxMistakeTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let mistake: Mistake
        let story: @Sendable (OutboxFixture) async throws -> Void

        var testDescription: String { mistake.testDescription }
    }

    @Test(arguments: [
        Case(
            mistake: Mistake(
                "OB1: enqueueing leaves no marker", in: "enqueue_group",
                replacing: "perform mark(outbox_log_number(), v_last);", with: ""),
            story: { try await DeliveryTests.openTransaction($0) }),
        Case(
            mistake: Mistake(
                "OB1: a key is free as soon as somebody says so", in: "outbox_advance",
                replacing: "o.key_version >= v.version\n                          and o.position <= p_read_to",
                with: "false"),
            story: { try await ReadingTests.keyWithMore($0) }),
        Case(
            mistake: Mistake(
                "OB3: a message that is read again has another id", in: "outbox_due",
                replacing: "o.recorded_at, o.id,", with: "o.recorded_at, uuid_v7(),"),
            story: { try await BlockedKeyTests.refusal($0) }),
        Case(
            mistake: Mistake(
                "OB4: the reader gives blocked keys too", in: "outbox_next", replacing: "b.key = o.key)",
                with: "b.key = o.key and false)"),
            story: { try await ReadingTests.blockedKey($0) }),
        Case(
            mistake: Mistake(
                "OB4: a blocked key is read backwards", in: "outbox_due", replacing: "o.key, o.key_version;",
                with: "o.key, o.key_version desc;"),
            story: { try await ReadingTests.keyThatIsDue($0) }),
        Case(
            mistake: Mistake(
                "OB4: a key that was purged begins with version 1 again", in: "enqueue_group",
                replacing: "if v_purged > 0 then", with: "if false then"),
            story: { try await KeyPurgeTests.beginsAgain($0) }),
        Case(
            mistake: Mistake(
                "OB5: the cursor goes to what was read", in: "outbox_advance", replacing: "set position = p_position",
                with: "set position = p_read_to"),
            story: { try await ReadingTests.cursor($0) }),
        Case(
            mistake: Mistake(
                "OB6: a relay's report needs no lease", in: "outbox_advance",
                replacing: "perform lease_guard(outbox_unit(p_sink, p_lane), p_epoch);", with: ""),
            story: { try await FencingTests.takeover($0) }),
    ])
    func `a mistake is found`(_ broken: Case) async throws {
        try await broken.mistake.isFound { database in try await OutboxFixture.with(database, broken.story) }
    }
}
