/// Where the log stands.
public struct LogState: Sendable, Hashable {
    /// The log's generation.
    public let generation: LogGeneration
    /// The highest position that was ever drawn. Events below it may still be on their way.
    public let head: GlobalPosition
    /// The position up to which the log is final: what can be read up to here will never change. At most `head`.
    public let watermark: GlobalPosition

    /// Describes a log.
    public init(generation: LogGeneration, head: GlobalPosition, watermark: GlobalPosition) {
        self.generation = generation
        self.head = head
        self.watermark = watermark
    }
}
