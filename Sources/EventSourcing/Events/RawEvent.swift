/// A stored event that is kept as it is: its type and its data as JSON.
///
/// An enum that wants to keep events it does not know has a case for them, `case other(RawEvent)`, and returns it from
/// `Event.unknown`. Encoding that case writes the original type and data back.
public struct RawEvent: Sendable, Hashable, Codable {
    /// The stored type, with its category.
    public let type: String
    /// The data.
    public let data: JSONValue

    /// Keeps an event.
    public init(type: String, data: JSONValue) {
        self.type = type
        self.data = data
    }
}
