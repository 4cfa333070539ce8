/// A long-running piece of work made of steps, each with the way to undo it, that ends completed or compensated
/// whatever fails in between.
///
/// ```swift
/// struct BookTrip: Saga {
///     static let name: SagaName = "book-trip"
///     struct State: Codable {
///         let booking: String, seatNumber: String, price: Int
///         var seat: SeatHold?, receipt: Receipt?
///     }
///     let inventory: any Inventory, payments: any Payments
///
///     var steps: Steps {
///         Compensatable("hold-seat", into: \.seat) { trip in
///             try await inventory.hold(trip.seatNumber, key: trip.key)
///         } undo: { trip, _ in
///             try await inventory.release(trip.key)
///         }
///         Pivot("capture-payment", into: \.receipt) { trip in
///             try await payments.capture(trip.price, key: trip.key)
///         }
///     }
/// }
/// ```
///
/// The order is checked by the compiler: compensatable steps, then at most one pivot, then retriable steps. What the
/// framework promises, and what it asks of a participant, stands in ``IdempotencyKey`` and ``SagaRefusal``.
///
/// - Note: Based on "Sagas" by Hector Garcia-Molina and Kenneth Salem (SIGMOD 1987); the three kinds of step are Chris
///   Richardson's ("Microservices Patterns", 2018, chapter 4).
public protocol Saga<State>: Sendable {
    /// The input and the results of the steps: journalled as JSON, and shown to operators.
    ///
    /// Results are optional properties, named in the steps by `into:`.
    associatedtype State: Codable & Sendable

    /// The stored name of this kind of saga.
    static var name: SagaName { get }

    /// The version of the definition, 1 by default. A saga finishes under the version it was started with: raise it
    /// when the steps change, and keep running the old definition beside the new one until its sagas have ended.
    static var version: Int { get }

    /// The steps in their order.
    @SagaStepsBuilder<State> var steps: SagaSteps<State> { get }
}

extension Saga {
    /// The version of a definition that has not changed yet.
    public static var version: Int { 1 }

    /// The type of ``Saga/steps``.
    public typealias Steps = SagaSteps<State>
    /// A step that can be undone.
    public typealias Compensatable = CompensatableStep<State>
    /// The step after which the saga only goes forward.
    public typealias Pivot = PivotStep<State>
    /// A step after the pivot, repeated until it succeeds.
    public typealias Retriable = RetriableStep<State>
    /// A pause that survives restarts.
    public typealias Wait = WaitStep<State>
}
