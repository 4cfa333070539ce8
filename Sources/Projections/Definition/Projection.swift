/// A read model in tables, kept up to date from several kinds of event.
///
/// ```swift
/// struct Revenue: Projection {
///     static let name: ProjectionName = "revenue"
///     let revenue = Table("revenue")
///     var handlers: Handlers {
///         On(PaymentEvent.self) { payment in
///             if case .captured(let amount) = payment.event {
///                 "update \(revenue) set total = total + \(amount)"
///             }
///         }
///         On(SeatEvent.self, with: { seat, tx in
///             try await tx.execute("…")               // when it must read or branch
///         })
///     }
/// }
/// ```
///
/// The events come in the order of the log, whatever their kind. For one kind of event see ``SQLProjection``.
public protocol Projection: Sendable {
    /// Its name, unique in the database.
    static var name: ProjectionName { get }

    /// Raise it when what the projection makes of events has changed: it begins anew. 1 to 2,147,483,647; default: 1.
    static var version: Int { get }

    /// What it does with the kinds of event that it is about.
    @HandlersBuilder var handlers: Handlers { get }
}

extension Projection {
    /// 1.
    public static var version: Int { 1 }

    /// What a projection does, kind by kind.
    public typealias Handlers = [On]
}
