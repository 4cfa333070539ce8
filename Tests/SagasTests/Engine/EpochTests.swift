import Foundation
import Postgres
import SkaldTesting
import Testing

@testable import PostgresEventStore
@testable import Sagas

/// SG4: a worker that lost a lane and has it again may send what it decided under both epochs in one group.
@Suite struct EpochTests {
    @Test func `SG4: of two epochs of one lane in one group only the current one is written`() async throws {
        try await World.with(Self.oneGroup)
    }

    static func oneGroup(_ world: World) async throws {
        let worker = try SagaWorker(world.sagas, running: [Trip()], logger: .silent)
        for number in 0..<40 {
            try await world.sagas.start(Trip.self, id: SagaID(rawValue: "\(number)"), with: .init())
        }
        // The lane with the most sagas, taken twice: the second epoch is the current one.
        let taken = try await world.database.psql(
            """
            select lane from skald.sagas group by lane order by count(*) desc, lane limit 1
            \\gset
            select :lane;
            select epoch from skald.lease_acquire(array[skald.saga_unit('trip', 1, :lane)], 'me', '1 minute', 1);
            select epoch from skald.lease_acquire(array[skald.saga_unit('trip', 1, :lane)], 'me', '1 minute', 1);
            """
        ).split(separator: "\n").compactMap { Int($0) }
        try #require(taken.count == 3 && taken[1...] == [1, 2])
        let kind = SagaKind(name: Trip.name, definition: 1)
        let due = try await world.store.client.query(worker.statements.due([(kind, taken[0])], atMost: 10))
        let sagas = try worker.statements.loaded(of: due) { _, _ in }.sagas
        let group = try [(sagas[0], Int64(1)), (sagas[1], 2)].map { saga, epoch in
            let lease = Lease(
                key: .init(unit: kind.unit(of: taken[0]), epoch: Epoch(rawValue: epoch)),
                validUntil: .now + .seconds(60))
            return try Self.begun(saga, under: lease)
        }
        let rows = try await world.store.client.query(worker.statements.transitions(group))
        #expect(try rows.map { try $0[1].decode(Int16.self) } == [1, 0])
        let again = try await world.store.client.query(worker.statements.transitions(group.reversed()))
        #expect(
            try again.map { try $0[1].decode(Int16.self) } == [2, 1], "the one was written, the other still is not")
    }

    private static func begun(_ saga: LoadedSaga, under lease: Lease) throws -> PendingTransition {
        let context = StepContext(saga: saga.key.name, id: saga.key.id)
        var machine = SagaMachine(try SagaDefinition(Trip()), context, saga.state)
        var random = SystemRandomNumberGenerator()
        let transition = machine.handle(.due, at: saga.readAt, using: &random)
        return try PendingTransition(
            transition, of: saga.key, to: machine.state, on: saga.revision, using: [], under: lease, replyTo: "")
    }
}
