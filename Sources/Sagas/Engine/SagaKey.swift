/// Which saga, in a whole database.
struct SagaKey: Sendable, Hashable {
    let tenant: String
    let name: SagaName
    let id: SagaID
}
