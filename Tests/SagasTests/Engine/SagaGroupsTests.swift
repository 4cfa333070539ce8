import Testing

@testable import Sagas

/// What the gauges of sagas under way show.
@Suite struct SagaGroupsTests {
    @Test func `a group that has fallen to nothing is counted as zero, and not left at its last value`() {
        let (running, stuck) = (group("running"), group("needs-attention"))
        var groups = SagaGroups()
        groups.found([(running, 3, 0), (stuck, 1, 7)])
        #expect(groups.sizes == [running: .init(count: 3, overdue: 0), stuck: .init(count: 1, overdue: 7)])
        groups.found([(running, 2, 1)])
        #expect(groups.sizes == [running: .init(count: 2, overdue: 1), stuck: .init(count: 0, overdue: 0)])
        groups.found([])
        #expect(groups.sizes == [running: .init(), stuck: .init()])
    }

    private func group(_ status: String) -> SagaGroups.Group { .init(saga: "trip", definition: 1, status: status) }
}
