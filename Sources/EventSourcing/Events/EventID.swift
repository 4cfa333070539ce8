#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Names one event, the same in every copy and delivery of it. Made by us as a UUIDv7 unless the caller gives one.
public struct EventID: Sendable, Hashable, RawRepresentable, CustomStringConvertible {
    /// The id as a UUID.
    public let rawValue: UUID

    /// Takes a given UUID.
    public init(rawValue: UUID) { self.rawValue = rawValue }

    /// Takes a given UUID.
    public init(_ rawValue: UUID) { self.rawValue = rawValue }

    /// Makes a new id (UUIDv7), higher than every one made before it in this process.
    public init() { self.init(UUIDv7.next()) }

    /// The UUID in lower case.
    public var description: String { rawValue.uuidString.lowercased() }
}
