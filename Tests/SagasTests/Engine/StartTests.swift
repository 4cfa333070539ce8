import PostgresEventStore
import Sagas
import Testing

@Suite struct StartTests {
    @Test func `a saga started twice under one id is started once, whoever comes first`() async throws {
        try await World.with { world in
            let started = try await withThrowingTaskGroup { group in
                for _ in 0..<20 {
                    group.addTask { try await world.sagas.start(Trip.self, id: "twice", with: .init(number: 7)) }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(started == 1)
            #expect(try await world.history(of: "twice", Trip.name) == ["started"])
            #expect(try await world.sagas.status(of: Trip.name, id: "twice")?.status == .waiting)
        }
    }

    @Test func `an id that was used with another input is refused`() async throws {
        try await World.with { world in
            try await world.sagas.start(Trip.self, id: "other", with: .init(number: 1))
            let error = await #expect(throws: SagaError.self) {
                try await world.sagas.start(Trip.self, id: "other", with: .init(number: 2))
            }
            #expect(error?.code == .idTaken)
        }
    }

    @Test func `a saga started in a transaction exists if and only if it commits`() async throws {
        struct Regret: Error {}
        try await World.with { world in
            await #expect(throws: Regret.self) {
                try await world.store.transaction { tx in
                    try await world.sagas.start(Trip.self, id: "regretted", with: .init(), in: tx)
                    throw Regret()
                }
            }
            #expect(try await world.sagas.status(of: Trip.name, id: "regretted") == nil)
            _ = try await world.store.transaction { tx in
                try await world.sagas.start(Trip.self, id: "kept", with: .init(), in: tx)
            }
            #expect(try await world.history(of: "kept", Trip.name) == ["started"])
        }
    }

    @Test func `an id that is not valid is refused with the rule`() async throws {
        try await World.with { world in
            for id in ["", "a\nb", String(repeating: "x", count: 129)] {
                let error = await #expect(throws: SagaError.self) {
                    try await world.sagas.start(Trip.self, id: SagaID(rawValue: id), with: .init())
                }
                #expect(error?.code == .invalidArgument)
            }
        }
    }
}
