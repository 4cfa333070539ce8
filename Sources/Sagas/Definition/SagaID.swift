/// Which saga of its kind: chosen by whoever starts it, usually the id of the order or booking it serves.
///
/// 1 to 128 bytes of UTF-8 without control characters. Starting a saga twice under one id starts it once.
public struct SagaID: RawRepresentable, Sendable, Hashable, Codable, ExpressibleByStringLiteral, CustomStringConvertible
{
    /// The id as stored.
    public let rawValue: String

    /// Takes an id as it is; it is checked when the saga is started.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Takes a literal as it is.
    public init(stringLiteral value: String) { self.init(rawValue: value) }

    /// The id as stored.
    public var description: String { rawValue }

    var isValid: Bool {
        (1...128).contains(rawValue.utf8.count)
            && rawValue.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }
}
