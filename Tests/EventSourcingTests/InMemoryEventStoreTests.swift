import EventSourcing
import SkaldTesting
import Testing

@Suite(.timeLimit(.minutes(2))) struct InMemoryEventStoreTests {
    // One store for all, as a service has: the checks must not disturb each other.
    private static let shared = InMemoryEventStore()

    @Test(arguments: EventStoreConformance.allCases)
    func `the store in memory keeps what every store promises`(_ promise: EventStoreConformance) async throws {
        try await promise.check(Self.shared)
        try await promise.check(InMemoryEventStore())
    }
}
