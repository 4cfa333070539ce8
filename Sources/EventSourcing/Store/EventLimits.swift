/// What fits into the log. The same in every store and in the SQL functions; checked before anything is sent.
///
/// One difference: SQL's `append` counts bytes of JSON as PostgreSQL writes it, with a space after each comma and colon, so
/// what comes close to a limit may be refused there that a store takes.
public enum EventLimits {
    /// The most events that one append takes, over all its streams: 10,000.
    public static let eventsPerAppend = 10_000
    /// The most bytes of data and metadata that one append takes, over all its events: 64 MiB.
    public static let bytesPerAppend = 64 << 20
    /// The most bytes of one event's data, as canonical JSON: 1 MiB.
    public static let dataBytes = 1_048_576
    /// The most bytes of one event's metadata, as canonical JSON: 64 KiB.
    public static let metadataBytes = 65_536
    /// The deepest nesting of objects and arrays: 64.
    public static let jsonDepth = 64
    /// The longest stored type, in bytes of UTF-8: 250.
    public static let typeBytes = 250
    /// The most tags on one event: 64.
    public static let tagsPerEvent = 64
    /// The longest tag, in bytes of UTF-8: 250.
    public static let tagBytes = 250
    /// The most streams that one append takes: 1,000.
    public static let streamsPerAppend = 1_000
    /// The most events that one page of a read holds: 10,000.
    public static let pageSize = 10_000
}
