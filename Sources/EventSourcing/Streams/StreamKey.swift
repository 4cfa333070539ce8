#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// What names one stream within its category: a string, a number, a UUID, or an identifier type of your own.
///
/// A type that wraps one of these conforms by saying so, if it is `RawRepresentable`:
///
/// ```swift
/// struct SeatNumber: RawRepresentable, StreamKey { let rawValue: String }
/// ```
public protocol StreamKey: Sendable {
    /// The key as it stands in the stream's name. Must not be empty.
    var streamKey: String { get }

    /// Reads a key back from a stream's name; nil if it cannot be one.
    init?(streamKey: String)
}

extension String: StreamKey {
    /// The key as text.
    public var streamKey: String { self }
    /// Reads the key from a stream's name.
    public init?(streamKey: String) { self = streamKey }
}

extension Int: StreamKey {
    /// The key as text.
    public var streamKey: String { description }
    /// Reads the key from a stream's name.
    public init?(streamKey: String) { self.init(streamKey) }
}

extension Int32: StreamKey {
    /// The key as text.
    public var streamKey: String { description }
    /// Reads the key from a stream's name.
    public init?(streamKey: String) { self.init(streamKey) }
}

extension Int64: StreamKey {
    /// The key as text.
    public var streamKey: String { description }
    /// Reads the key from a stream's name.
    public init?(streamKey: String) { self.init(streamKey) }
}

extension UUID: StreamKey {
    /// In lower case, as PostgreSQL writes it.
    public var streamKey: String { uuidString.lowercased() }
    /// Reads the key from a stream's name.
    public init?(streamKey: String) { self.init(uuidString: streamKey) }
}

extension StreamKey where Self: RawRepresentable, RawValue: StreamKey {
    /// The raw value's key.
    public var streamKey: String { rawValue.streamKey }

    /// Reads the raw value from a stream's name.
    public init?(streamKey: String) {
        guard let raw = RawValue(streamKey: streamKey) else { return nil }
        self.init(rawValue: raw)
    }
}
