import Synchronization

/// The sagas that this process has in hand, over all lanes: what it must not take up a second time, and how many more
/// it may.
final class ActiveSagas: Sendable {
    private let sagas: Mutex<Set<SagaKey>> = Mutex([])
    private let limit: Int

    init(atMost limit: Int = .max) { self.limit = limit }

    var count: Int { sagas.withLock { $0.count } }

    /// Takes a saga in hand; false if it is already, or if there are as many as there may be.
    func claim(_ saga: SagaKey) -> Bool {
        sagas.withLock { $0.count < limit && $0.insert(saga).inserted }
    }

    func release(_ saga: SagaKey) { sagas.withLock { _ = $0.remove(saga) } }

    func contains(_ saga: SagaKey) -> Bool { sagas.withLock { $0.contains(saga) } }
}
