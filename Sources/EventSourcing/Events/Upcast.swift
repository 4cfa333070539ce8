/// How an older stored form of an event is read today.
///
/// ```swift
/// static let upcasts: [Upcast<Self>] = [
///     Upcast("held", as: HeldV1.self) { .held(booking: $0.booking, until: .distantFuture) },
///     Upcast("swapped", as: SwappedV1.self) { [.released(booking: $0.old), .held(booking: $0.new, until: $0.until)] },
///     Upcast(renamed: "freed", to: "released"),
/// ]
/// ```
///
/// Names are stored labels, without the category. An upcast comes before the enum's own case of the same stored name,
/// and must always give the same for the same data: what is stored never changes, only how it is read.
public struct Upcast<E: Event>: Sendable {
    let label: String
    let action: Action

    enum Action: Sendable {
        case rename(String)
        case convert(@Sendable (JSONValueDecoder) throws -> [E])
    }

    /// Reads the data as the type it had then, and turns it into today's event.
    public init<Old: Decodable & SendableMetatype>(
        _ label: String, as old: Old.Type, _ convert: @escaping @Sendable (Old) throws -> E
    ) {
        self.label = label
        action = .convert { [try convert($0.decoded(old))] }
    }

    /// Reads the data as the type it had then, and turns it into any number of today's events.
    public init<Old: Decodable & SendableMetatype>(
        _ label: String, as old: Old.Type, _ convert: @escaping @Sendable (Old) throws -> [E]
    ) {
        self.label = label
        action = .convert { try convert($0.decoded(old)) }
    }

    /// Reads an old stored name as another one, whose case or upcast then takes the data.
    public init(renamed label: String, to newLabel: String) {
        self.label = label
        action = .rename(newLabel)
    }
}
