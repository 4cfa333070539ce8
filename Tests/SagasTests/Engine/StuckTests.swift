import Sagas
import SkaldTesting
import Testing

/// SG12: sagas that their worker can't go on with hold up nobody, however many there are and however long they have been due;
/// and an operator finds them.
@Suite struct StuckTests {
    @Test func `SG12: sagas whose rows can't be read do not hide the others, though they are more than fit in hand`()
        async throws
    {
        try await World.with { world in
            for number in 0..<12 {
                try await world.sagas.start(Trip.self, id: SagaID(rawValue: "\(number)"), with: .init())
            }
            try await world.database.psql("update skald.sagas set state = '{\"status\": 5}'")
            try await world.sagas.start(Trip.self, id: "sound", with: .init())
            try await world.withWorker(Trip(), configure: { $0.maximumActive = 4 }) { _ in
                #expect(try await world.wait(for: "sound", of: Trip.name).status == .completed)
                try await eventually("their rows say why they stand still") {
                    try await world.database.psql(
                        "select count(*) from skald.sagas where reason like 'its row can''t be read: %'") == "12"
                }
            }
            // They wait for longer and longer, and are not given up.
            let waits =
                "select bool_and(due_at - changed_at between '1 s' and '3 min') from skald.sagas where id <> 'sound'"
            #expect(try await world.database.psql(waits) == "t")
        }
    }

    @Test
    func `SG12: sagas whose transitions can't be stored do not hide the others, though they are more than fit in hand`()
        async throws
    {
        try await World.with { world in
            for number in 0..<12 {
                try await world.sagas.start(Trip.self, id: SagaID(rawValue: "\(number)"), with: .init())
            }
            try await world.database.psql(
                """
                create function refuse() returns trigger language plpgsql as $$
                begin
                    if new.revision <> old.revision and new.id <> 'sound' then
                        raise exception 'never' using errcode = '23514';
                    end if;
                    return new;
                end $$;
                create trigger refuse before update on skald.sagas for each row execute function refuse();
                """)
            try await world.sagas.start(Trip.self, id: "sound", with: .init())
            try await world.withWorker(Trip(), configure: { $0.maximumActive = 4 }) { _ in
                #expect(try await world.wait(for: "sound", of: Trip.name).status == .completed)
                try await world.database.psql("drop trigger refuse on skald.sagas")
                // Each after as long as it has been standing still. One that was refused just before, and can say so now,
                // needs attention.
                for number in 0..<12 {
                    try await world.wait(for: SagaID(rawValue: "\(number)"), of: Trip.name, within: .seconds(120)) {
                        $0.state.isFinished || $0.status == .needsAttention
                    }
                }
            }
        }
    }

    @Test func `a saga whose row can't be read is listed with what its columns say, beside the others`() async throws {
        try await World.with { world in
            for id in ["a", "b", "c"] as [SagaID] { try await world.sagas.start(Trip.self, id: id, with: .init()) }
            try await world.database.psql(
                """
                update skald.sagas set state = '{"status": 5}', status = 'needs-attention', waiting_for = null, step = 'pay',
                       attempt = 7, reason = 'the bank' where id = 'b'
                """)
            let listed = try await world.sagas.list()
            #expect(listed.map(\.id) == ["a", "b", "c"])
            #expect(listed.map(\.status) == [.waiting, .needsAttention, .waiting])
            #expect(listed.map { $0.unreadable == nil } == [true, false, true])
            let stuck = try #require(try await world.sagas.status(of: Trip.name, id: "b"))
            #expect(stuck == listed[1])
            #expect(stuck.step == "pay" && stuck.attempt == 7 && stuck.reason == "the bank" && stuck.waitingFor == nil)
        }
    }

    @Test func `an operator's request has a saga that was put off looked at at once`() async throws {
        try await World.with { world in
            try await world.sagas.start(Trip.self, id: "repaired", with: .init())
            try await world.database.psql(
                """
                create table kept as select state from skald.sagas;
                update skald.sagas set state = '{"status": 5}', changed_at = changed_at - interval '1 day';
                """)
            try await world.withWorker(Trip()) { _ in
                try await eventually("it is put off for a minute") {
                    try await world.database.psql(
                        "select count(*) from skald.sagas where due_at > clock_timestamp() + interval '30 s'") == "1"
                }
                try await world.database.psql("update skald.sagas set state = (select state from kept)")
                try await world.sagas.request(
                    .retry(actor: "ada", reason: "repaired"), of: Trip.name, id: "repaired")
                #expect(try await world.wait(for: "repaired", of: Trip.name).status == .completed)
            }
        }
    }

    @Test func `SG4: who has lost the lane, or has seen an earlier revision, puts nothing off`() async throws {
        try await World.with(Self.fences)
    }

    static func fences(_ world: World) async throws {
        try await world.sagas.start(Trip.self, id: "fenced", with: .init())
        func putOff(epoch: Int, revision: Int) -> String {
            """
            select skald.saga_put_off(array[:'unit'], array[\(epoch)::bigint], array[''], array['trip'], array['fenced'],
                                      array[\(revision)::bigint], array['stuck']);
            """
        }
        let answer = try await world.database.psql(
            """
            select skald.saga_unit('trip', 1, lane) as unit from skald.sagas \\gset
            select epoch from skald.lease_acquire(array[:'unit'], 'me', '1 minute', 1);
            select epoch from skald.lease_acquire(array[:'unit'], 'me', '1 minute', 1);
            \(putOff(epoch: 1, revision: 0))
            \(putOff(epoch: 2, revision: 1))
            \(putOff(epoch: 2, revision: 0))
            \(putOff(epoch: 2, revision: 0))
            """)
        #expect(
            answer.split(separator: "\n").suffix(4) == ["0", "0", "1", "0"], "the last one finds that it is not due")
    }
}
