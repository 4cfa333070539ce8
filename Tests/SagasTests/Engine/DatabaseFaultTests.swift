import Sagas
import SkaldTesting
import Testing

/// What the database's own faults do to sagas: they wait, and no person is asked (SG5, SG12).
@Suite struct DatabaseFaultTests {
    @Test(arguments: ["25006", "28000", "42501", "53100", "55000", "57014", "58030", "XX000"])
    func `SG12: a fault of the server's is waited for, and the sagas go on when it has passed`(
        code: String
    ) async throws {
        try await World.with { world in
            try await world.database.psql(Self.fault)
            // Five times, so that the fault is over when the sixth statement comes, whatever that is to write.
            try await world.database.psql("insert into fault values ('\(code)', null, 5)")
            try await world.withWorker(Trip()) { _ in
                try await world.sagas.start(Trip.self, id: "patient", with: .init())
                let end = try await world.wait(for: "patient", of: Trip.name) {
                    $0.state.isFinished || $0.status == .needsAttention
                }
                #expect(end.status == .completed, "\(String(describing: end.reason))")
            }
            let tried = try await world.database.psql("select last_value from refusals")
            #expect((Int(tried.split(separator: "\n").first ?? "") ?? 0) > 5)
        }
    }

    @Test func `a saga that the server can't write for no fault of its data holds up nobody for long`() async throws {
        try await World.with { world in
            try await world.database.psql(Self.fault)
            try await world.database.psql("insert into fault values ('XX001', 'bad', 1000000)")
            try await world.withWorker(Trip()) { _ in
                try await world.sagas.start(Trip.self, id: "bad", with: .init())
                for id in ["a", "b", "c"] {
                    try await world.sagas.start(Trip.self, id: SagaID(rawValue: id), with: .init())
                }
                for id in ["a", "b", "c"] {
                    #expect(try await world.wait(for: SagaID(rawValue: id), of: Trip.name).status == .completed)
                }
                try await world.database.psql("truncate fault")
                #expect(try await world.wait(for: "bad", of: Trip.name).status == .completed)
            }
        }
    }

    /// Refuses to write sagas' rows as often as `fault` says; a sequence, which no rollback takes back, counts.
    static let fault = """
        create table fault (code text, id text, times bigint);
        create sequence refusals;
        create function fail() returns trigger language plpgsql security definer as $$
        declare v_fault public.fault;
        begin
            select * into v_fault from public.fault f where f.id is null or f.id = new.id limit 1;
            if found and nextval('public.refusals') <= v_fault.times then
                raise exception 'not now' using errcode = v_fault.code;
            end if;
            return new;
        end $$;
        create trigger fault before update on skald.sagas for each row execute function fail();
        """
}
