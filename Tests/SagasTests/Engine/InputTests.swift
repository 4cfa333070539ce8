import Sagas
import SkaldTesting
import Testing

/// SG6: what others have to say to a saga is put down once, and given to it in the order in which it came.
@Suite struct InputTests {
    @Test func `SG6: of a reply that comes twice the first counts`() async throws {
        try await World.with(Self.replyTwice)
    }

    @Test func `SG6: a saga is given what was put down for it in the order in which it came`() async throws {
        try await World.with(Self.order)
    }

    static func replyTwice(_ world: World) async throws {
        try await world.sagas.start(Trip.self, id: "twice", with: .init())
        let waiting = try await world.database.psql(
            """
            \\set message '00000000-0000-7000-8000-000000000001'
            select skald.saga_reply('', 'trip', 'twice', :'message', '{"n": 1}');
            select skald.saga_reply('', 'trip', 'twice', :'message', '{"n": 2}');
            select body->>'n' from skald.saga_inputs;
            """)
        #expect(waiting.split(separator: "\n") == ["1"])
    }

    static func order(_ world: World) async throws {
        try await world.sagas.start(Trip.self, id: "order", with: .init())
        let given = try await world.database.psql(
            """
            select count(skald.saga_reply('', 'trip', 'order', gen_random_uuid(), jsonb_build_object('n', n)) is null)
              from generate_series(1, 20) as n;
            select array(select input->>'n' from unnest(inputs) as input)
              from skald.saga_due(array_fill('trip'::text, array[16]), array_fill(1, array[16]),
                                  array(select generate_series(0, 15)), 100) where id is not null;
            """)
        let numbers = (1...20).map(String.init).joined(separator: ",")
        #expect(given.split(separator: "\n").last == "{\(numbers)}")
    }
}
