/// A due saga that its worker can't go on with, for a fault in its row or in what is to be written.
struct StuckSaga: Sendable {
    let key: SagaKey
    let kind: SagaKind
    let lane: Int
    /// The revision at which it is stuck: one that has moved since is not put off.
    let revision: Int64
    let reason: String
}
