public import EventSourcing

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Names one message, the same in every delivery of it: what a consumer recognises duplicates by.
public struct MessageID: Sendable, Hashable, Codable, RawRepresentable, CustomStringConvertible {
    /// The id as a UUID.
    public let rawValue: UUID

    /// Takes a given UUID.
    public init(rawValue: UUID) { self.rawValue = rawValue }

    /// Takes a given UUID.
    public init(_ rawValue: UUID) { self.rawValue = rawValue }

    /// Makes a new id (UUIDv7).
    public init() { self.init(EventID().rawValue) }

    /// The UUID in lower case, as it stands in the CloudEvents attribute `id`.
    public var description: String { rawValue.uuidString.lowercased() }
}
