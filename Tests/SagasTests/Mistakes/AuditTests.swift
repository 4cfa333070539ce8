import EventSourcing
import Foundation
import Testing

@testable import Sagas

/// The judge of the simulations finds each broken promise (SG1, SG2, SG5, SG6, X1) in a history that was sound before.
@Suite struct AuditTests {
    /// A saga of the simulation that went through what is asked for.
    private func sound(_ status: SagaState.Status, where isWanted: ([SagaEvent]) -> Bool) throws -> Audit {
        for seed in 0..<2_000 as Range<UInt64> {
            var world = try Simulation(seed: seed)
            try world.run()
            guard world.machine.state.status == status, isWanted(world.history) else { continue }
            let audit = Audit(world)
            #expect(audit.complaints.isEmpty)
            return audit
        }
        throw NoSuchSaga()
    }

    private struct NoSuchSaga: Error {}

    private func twoUndone(_ history: [SagaEvent]) -> Bool {
        history.count { $0.short.hasPrefix("stepUndone") } == 2
    }

    private func complaints(_ audit: Audit) -> Set<String> {
        Set(audit.complaints.map { String($0.prefix { $0 != ":" && $0 != "," }) })
    }

    @Test func `SG1: a saga that is at no end`() throws {
        var audit = try sound(.compensated, where: twoUndone)
        audit.history.removeLast()
        #expect(complaints(audit).contains("SG1"))
    }

    @Test func `SG1: an undo in a completed saga, and a step that was never done`() throws {
        var audit = try sound(.completed) { $0.contains { $0.short.hasPrefix("stepSucceeded") } }
        let undo = SagaEvent.undoAttemptFailed(step: "x", attempt: 1, error: "", retryAt: .distantPast, pause: 0)
        audit.history.insert(undo, at: 1)
        #expect(complaints(audit) == ["SG1"])
        audit.history.remove(at: 1)
        #expect(audit.complaints.isEmpty)
        audit.effects = []
        #expect(complaints(audit) == ["SG1"])
    }

    @Test func `SG1: two steps undone in the order in which they were done`() throws {
        var audit = try sound(.compensated, where: twoUndone)
        let undone = audit.history.indices.filter { audit.history[$0].short.hasPrefix("stepUndone") }
        try #require(audit.history[undone[0]].short != audit.history[undone[1]].short)
        audit.history.swapAt(undone[0], undone[1])
        #expect(complaints(audit).contains("SG1"))
    }

    @Test func `SG2 and SG5: an effect that stands when the saga says that it is compensated`() throws {
        var audit = try sound(.compensated, where: twoUndone)
        let step = try #require(audit.definition.steps.first?.name)
        audit.effects = [IdempotencyKey(tenant: "", saga: RandomSaga.name, id: "1", step: step)]
        #expect(complaints(audit) == ["SG2"])
    }

    @Test func `SG6: a reply that is applied twice`() throws {
        var audit = try sound(.completed) { $0.contains { $0.short.hasPrefix("stepSucceeded") } }
        let index = try #require(audit.history.firstIndex { $0.short.hasPrefix("stepSucceeded") })
        audit.history.insert(audit.history[index], at: index)
        #expect(complaints(audit).contains("SG6"))
    }

    @Test func `X1: an attempt whose number was there before`() throws {
        var audit = try sound(.completed) { $0.contains { $0.short.hasPrefix("stepStarted") } }
        let index = try #require(audit.history.firstIndex { $0.short.hasPrefix("stepStarted") })
        audit.history.insert(audit.history[index], at: index)
        #expect(complaints(audit) == ["X1"])
    }
}
