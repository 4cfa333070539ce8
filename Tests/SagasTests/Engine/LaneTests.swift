import EventSourcing
import Foundation
import PostgresEventStore
import Testing

@testable import PostgresEventStore
@testable import Sagas

/// Which sagas a process has in hand, while its lanes come and go. What a lane claims and nobody reads must be given back,
/// or the process passes the saga over for ever (SG12).
@Suite struct LaneTests {
    private let active = ActiveSagas()

    @Test func `a saga is delivered once, whatever lane it is offered to`() throws {
        let (one, other) = (lane(1), lane(2))
        #expect(one.deliver(try saga("a"), claiming: active))
        #expect(!one.deliver(try saga("a"), claiming: active))
        #expect(!other.deliver(try saga("a"), claiming: active))
    }

    @Test func `a lane that ends gives back what its worker never read, and takes nothing more`() throws {
        let ending = lane(1)
        #expect(ending.deliver(try saga("unread"), claiming: active))
        #expect(ending.deliver(try saga("read"), claiming: active))
        ending.read(try saga("read").key)
        ending.close(releasing: active)
        #expect(!active.contains(try saga("unread").key))
        #expect(active.contains(try saga("read").key), "its worker has it in hand and releases it itself")
        #expect(!ending.deliver(try saga("late"), claiming: active))
        #expect(active.count == 1)
        #expect(lane(1).deliver(try saga("unread"), claiming: active), "the regained lane takes it up")
    }

    private func lane(_ number: Int) -> Lane {
        let key = LeaseState.Key(unit: "saga/stay@1/\(number)", epoch: Epoch(rawValue: 1))
        return Lane(
            SagaKind(name: "stay", definition: 1), number, Lease(key: key, validUntil: .now + .seconds(60)))
    }

    private func saga(_ id: String) throws -> LoadedSaga {
        LoadedSaga(
            key: SagaKey(tenant: "", name: "stay", id: SagaID(rawValue: id)), definition: 1, lane: 1, revision: 0,
            state: try SagaState(row: .object(JSONObject()), definition: 1, startedAt: Date(timeIntervalSince1970: 0)),
            wasRunning: false, readAt: Date(timeIntervalSince1970: 0), inputs: [])
    }
}
