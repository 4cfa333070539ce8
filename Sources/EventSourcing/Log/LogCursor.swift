/// How far a reader of the log has come: the position of the last event it was given, and the generation it was read
/// in.
///
/// Keep a cursor, and not a bare position, wherever it is stored outside the log's own database: after the log went
/// back, a cursor is refused with `logRewound` where a bare position would silently skip events. Its text form is
/// `g1-123`.
public struct LogCursor: Sendable, Hashable {
    /// The generation of the log in which the position was read.
    public let generation: LogGeneration
    /// The position of the last event that was read.
    public let position: GlobalPosition

    /// Makes a cursor that stands just after the event at the position.
    public init(generation: LogGeneration, position: GlobalPosition) {
        self.generation = generation
        self.position = position
    }

    /// Before the first event. It is good in every generation.
    public static let start = LogCursor(generation: .first, position: .start)

    /// Reads the text form, `g1-123`.
    ///
    /// - Throws: `invalidArgument` if the text is not a cursor.
    public init(parsing text: String) throws(EventStoreError) {
        let parts = text.dropFirst().split(separator: "-", omittingEmptySubsequences: false)
        guard text.first == "g", parts.count == 2,
            let generation = Int64(parts[0]), generation > 0, let position = Int64(parts[1]), position >= 0
        else {
            throw .invalidArgument("cursor", "a cursor looks like \"g1-123\" (generation, position); got \"\(text)\"")
        }
        self.init(generation: LogGeneration(generation), position: GlobalPosition(position))
    }
}

extension LogCursor: CustomStringConvertible, Codable {
    /// The text form, `g1-123`.
    public var description: String { "g\(generation)-\(position)" }

    /// Reads the text form.
    public init(from decoder: any Decoder) throws {
        try self.init(parsing: decoder.singleValueContainer().decode(String.self))
    }

    /// Writes the text form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
