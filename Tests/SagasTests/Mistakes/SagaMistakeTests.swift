import SkaldTesting
import Testing

/// Each promise of sagas that rests on the database (SG2 to SG4, SG6, SG7, SG11, X2) with its mechanism taken out: the tests of
/// the promise find it. `AuditTests` and `Tests/MUTATIONS.md` have those that rest on the state machine.
@Suite struct SagaMistakeTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let mistake: Mistake
        let story: @Sendable (World) async throws -> Void

        var testDescription: String { mistake.testDescription }
    }

    private static let lease = "when not s.unit || ' ' || m.epoch = any (coalesce(v_held, '{}')) then 1"
    private static let revision = "when s.revision <> m.revision then 2"

    @Test(arguments: [
        Case(
            mistake: Mistake(
                "SG2: an undo that finds nothing leaves no tombstone", in: "saga_effect_begin",
                replacing: "insert into saga_effects as e",
                with: """
                    if undo and not exists (select from saga_effects x where x.key = saga_effect_begin.key) then
                        state := 'new';
                        return;
                    end if;
                    insert into saga_effects as e
                    """),
            story: { try await ReplyTests.lostCommand($0) }),
        Case(
            mistake: Mistake(
                "SG3: a message that can't be written is left out", in: "saga_transitions",
                replacing: "perform from (", with: "begin perform from ("
            ).and(
                in: "saga_transitions", replacing: "g.headers, g.payloads) as e;",
                with: "g.headers, g.payloads) as e; exception when others then null; end;"),
            story: { try await FencingTests.unwritableMessage($0) }),
        Case(
            mistake: Mistake("SG4: a transition needs no lease", in: "saga_transitions", replacing: lease, with: ""),
            story: { try await FencingTests.fences($0) }),
        Case(
            mistake: Mistake(
                "SG4: a transition needs any lease on its lane, whatever epoch it was decided under",
                in: "saga_transitions", replacing: lease,
                with: "when not exists (select from unnest(v_held) as h where h like s.unit || ' %') then 1"),
            story: { try await FencingTests.fences($0) }),
        Case(
            mistake: Mistake(
                "SG4: a transition needs any lease on its lane, also beside one under the right epoch",
                in: "saga_transitions", replacing: lease,
                with: "when not exists (select from unnest(v_held) as h where h like s.unit || ' %') then 1"),
            story: { try await EpochTests.oneGroup($0) }),
        // The history is a second fence: both have to go.
        Case(
            mistake: Mistake(
                "SG4, X2: a transition fits any revision", in: "saga_transitions", replacing: revision, with: ""
            ).and(
                in: "saga_transitions", replacing: "array(select p_revisions[i] from",
                with: "array(select v_revision[i] from"),
            story: { try await FencingTests.fences($0) }),
        Case(
            mistake: Mistake(
                "SG4: a saga is put off under any epoch", in: "saga_put_off",
                replacing: "m.unit || ' ' || m.epoch = any (v_held)", with: "true"),
            story: { try await StuckTests.fences($0) }),
        Case(
            mistake: Mistake(
                "SG6: an input does not make its saga due when the run ends", in: "saga_transitions",
                replacing: "i.saga = m.id) then v_now", with: "i.saga = m.id) then m.due"),
            story: { try await FencingTests.inputWhileRunning($0) }),
        Case(
            mistake: Mistake(
                "SG6: every delivery is put down", in: "saga_input", replacing: "p_input, v_now",
                with: "gen_random_uuid(), v_now"),
            story: { try await InputTests.replyTwice($0) }),
        Case(
            mistake: Mistake(
                "SG6: the latest input comes first", in: "saga_due", replacing: "order by n.number)",
                with: "order by n.number desc)", times: 3),
            story: { try await InputTests.order($0) }),
        Case(
            mistake: Mistake(
                "SG7: a saga is due an hour early", in: "saga_due", replacing: ":= clock_timestamp();",
                with: ":= clock_timestamp() + interval '1 hour';"),
            story: { try await TimerTests.pause($0) }),
        Case(
            mistake: Mistake(
                "SG7: a transition does not keep when its saga is due", in: "saga_transitions",
                replacing: "due_at = v_due[m.n]", with: "due_at = null"),
            story: { try await FencingTests.fences($0) }),
        Case(
            mistake: Mistake(
                "SG11: a request that was done is forgotten", in: "saga_request",
                replacing: "if inbox_accept('$saga-request/' || name || '/' || id, v_request, tenant => tenant) then",
                with: "if true then"),
            story: { try await RequestTests.repeated($0) }),
    ])
    func `a mistake is found`(_ broken: Case) async throws {
        try await broken.mistake.isFound { database in try await World.with(database, broken.story) }
    }
}
