/// The stored name of a kind of saga, for example `book-trip`.
///
/// 1 to 64 lower-case ASCII letters, digits and hyphens, a letter first. It stands in stream names and idempotency
/// keys, so it must not change while sagas of that name exist. It is checked when the saga is registered.
public struct SagaName: RawRepresentable, Sendable, Hashable, Codable, ExpressibleByStringLiteral,
    CustomStringConvertible
{
    /// The name as stored.
    public let rawValue: String

    /// Takes a name as it is.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Takes a literal as it is.
    public init(stringLiteral value: String) { self.init(rawValue: value) }

    /// The name as stored.
    public var description: String { rawValue }

    var isValid: Bool { rawValue.isPlainName }
}

extension String {
    /// Whether this can stand in a stream name, a key and a diagram as it is.
    var isPlainName: Bool {
        guard (1...64).contains(utf8.count), let first = utf8.first, (0x61...0x7A).contains(first) else { return false }
        return utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
    }
}
