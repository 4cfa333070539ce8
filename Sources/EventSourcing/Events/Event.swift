/// What happened, as an enum: each case is one kind of event.
///
/// ```swift
/// enum SeatEvent: Event {
///     static let category: StreamCategory = "seat"
///     case held(booking: String, until: Date)     // stored as "seat.held" with {"booking":…,"until":…}
///     case moved(Moved)                           // one value without a label: it is the data itself
///     case closed                                 // {}
/// }
/// ```
///
/// The case's label, with the category and a dot before it, is the stored type. Stored names are for ever: to rename a
/// case in Swift, give it its old name in `enum CodingKeys: String, CodingKey` (listing every case); to change its
/// values, add an `Upcast`.
///
/// Values of a case are labelled, or there is exactly one and it has no label. Other shapes are refused when they are
/// encoded, in words that say what to do.
public protocol Event: Codable, Sendable {
    /// What the streams of these events are about; the first part of their names and of the stored types.
    static var category: StreamCategory { get }

    /// How older stored forms are read today. Default: none.
    static var upcasts: [Upcast<Self>] { get }

    /// The event that stands for a stored type this enum does not know, under `UnknownEventPolicy.keep`. Default: nil,
    /// none.
    ///
    /// Return a case that holds the raw event as its only value; it is written back as it was.
    static func unknown(_ raw: RawEvent) -> Self?

    /// What this event can be found by, beside its stream and type. Default: nothing.
    var tags: [String] { get }
}

extension Event {
    /// No upcasts.
    public static var upcasts: [Upcast<Self>] { [] }
    /// No event stands for an unknown one.
    public static func unknown(_ raw: RawEvent) -> Self? { nil }
    /// No tags.
    public var tags: [String] { [] }
}
