/// The stored name of a step, unique in its saga, for example `hold-seat`.
///
/// Steps are known by name, never by number, so that a definition can grow without breaking the sagas that are under
/// way. The rules are those of ``SagaName``.
public struct StepName: RawRepresentable, Sendable, Hashable, Codable, ExpressibleByStringLiteral,
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
