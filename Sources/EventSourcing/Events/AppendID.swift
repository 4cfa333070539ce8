#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Names one append, so that it can be repeated without doing it twice.
///
/// When an append's outcome is unknown (the connection died between sending and answer), call it again with the same
/// id: if the first call had succeeded its result is returned and nothing is appended. With an expected version the id is
/// found however much was appended since; with `.any` and `.streamExists`, among the stream's last 1,000 events.
public struct AppendID: Sendable, Hashable, RawRepresentable, CustomStringConvertible {
    /// The id as a UUID.
    public let rawValue: UUID

    /// Takes a given UUID, for example the id of the message that is being handled.
    public init(rawValue: UUID) { self.rawValue = rawValue }

    /// Takes a given UUID, for example the id of the message that is being handled.
    public init(_ rawValue: UUID) { self.rawValue = rawValue }

    /// Makes a new id (UUIDv7).
    public init() { self.init(UUIDv7.next()) }

    /// The UUID in lower case.
    public var description: String { rawValue.uuidString.lowercased() }
}
