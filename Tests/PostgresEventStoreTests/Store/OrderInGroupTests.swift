import EventSourcing
import SkaldTesting
import Testing

@testable import PostgresEventStore

/// Two appends to one stream keep their order, whatever becomes of the group they are in (MECHANISMS 2).
@Suite struct OrderInGroupTests {
    private typealias Member = AppendQueue<Ticket>.Member

    private static func member(_ stream: StreamID, type: String) throws -> Member {
        let append = StreamAppend([try NewEvent(type: type, json: "{}")], to: stream, expecting: .any)
        return Member(
            append: EncodedAppend(append, id: nil), reply: Ticket(), deadline: .now + .seconds(60))
    }

    @Test(.timeLimit(.minutes(2)))
    func `when a group is halved, the second half does not pass what waits for its stream`() async throws {
        try await withTestDatabase(.skald) { database in
            try await database.psql(
                """
                select skald.append('order-1', -2, '[{"type":"seat.held","data":{}}]');
                alter table skald.events add constraint refused check (type <> 'seat.doomed');
                """)
            // The stream comes free between the halves: the group is sent once, and its second half waits for the holder.
            try await database.hold(
                callOf: "append_group", number: 2, before: "v_done := check_append(p_tenant, p_streams")
            try await database.withStore { store in
                let members = [
                    try Self.member("order-1", type: "seat.first"), try Self.member("order-1", type: "seat.second"),
                    try Self.member("order-2", type: "seat.doomed"),
                ]
                let hold = "\(TestDatabase.gate) from skald.streams where name = 'order-1' for update"
                let answered = Tally()
                let unanswered = try await withThrowingTaskGroup(of: AppendSender.Unanswered?.self) { group in
                    try await database.holding(hold) {
                        group.addTask { await store.sender.send(members, isCallersOwn: false) }
                        group.addTask {
                            _ = await members[2].reply.outcome()
                            answered.add()
                            return nil
                        }
                        try await eventually("the second half waits for the holder, or is answered") {
                            if answered.count > 0 { return true }
                            return try await database.someoneWaits()
                        }
                    }
                    var unanswered: AppendSender.Unanswered?
                    for try await part in group { unanswered = unanswered ?? part }
                    return try #require(unanswered)
                }
                #expect(unanswered.busy.map(\.append.events[0].type) == ["seat.first", "seat.second"])
                #expect(unanswered.again.isEmpty)
            }
            #expect(try await database.count("select count(*) from skald.events where stream = 'order-1'") == 1)
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `a stream that comes free while its members are looked at is busy for all of them`() async throws {
        try await withTestDatabase(.skald) { database in
            try await database.psql(#"select skald.append('order-1', -2, '[{"type":"seat.held","data":{}}]')"#)
            try await database.psql(
                """
                create function skald.pass(n bigint) returns boolean language plpgsql volatile as $$ begin
                    if n = 2 then perform pg_advisory_xact_lock_shared(77007, 99); end if;
                    return true;
                end $$;
                alter function skald.pass(bigint) owner to skald_owner;
                """)
            try await database.edit("append_group") { text in
                text.replacing("for no key update skip locked", with: "and pass(m.n) for no key update skip locked")
            }
            let group = """
                select member, status from skald.append_group('', array['order-1','order-1','order-2'], array[-2,-2,-2],
                    array[gen_random_uuid(),gen_random_uuid(),gen_random_uuid()], array[false,false,false],
                    array[1,2,3], array['t','t','t'], array['1','1','1']::jsonb[], array[null,null,null]::jsonb[],
                    array[null,null,null]::text[], array[gen_random_uuid(),gen_random_uuid(),gen_random_uuid()],
                    array[false,false,false]);
                """
            let outcome = try await withThrowingTaskGroup(of: String.self) { tasks in
                let hold = "\(TestDatabase.gate) from skald.streams where name = 'order-1' for update"
                try await database.holding(hold) {
                    tasks.addTask { try await database.psql(group, as: .writer) }
                    try await eventually("the second member is looked at") { try await database.someoneWaits() }
                }
                return try await tasks.next()
            }
            #expect(outcome == "1|4\n2|4\n3|0")
        }
    }
}
