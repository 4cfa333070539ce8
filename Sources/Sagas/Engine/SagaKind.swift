/// A definition of a kind of saga: what workers lease the lanes of.
struct SagaKind: Sendable, Hashable, CustomStringConvertible {
    /// How many lanes a kind has: so many processes at most share its sagas. Fixed by `0005_sagas.sql`.
    static let lanes = 16

    let name: SagaName
    let definition: Int

    /// The name of its lanes' leases, less the lane: as `saga_unit` has it.
    var description: String { "saga/\(name)@\(definition)" }

    func unit(of lane: Int) -> String { "\(self)/\(lane)" }
}
