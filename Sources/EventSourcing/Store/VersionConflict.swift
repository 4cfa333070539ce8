/// A stream that was not as a writer expected.
public struct VersionConflict: Sendable, Hashable {
    /// The stream.
    public let stream: StreamID
    /// What the writer expected.
    public let expected: ExpectedVersion
    /// The version of its last event; nil if the stream does not exist.
    public let actual: StreamVersion?

    /// Describes a conflict.
    public init(stream: StreamID, expected: ExpectedVersion, actual: StreamVersion?) {
        self.stream = stream
        self.expected = expected
        self.actual = actual
    }
}

extension VersionConflict: CustomStringConvertible {
    /// The conflict in words.
    public var description: String {
        let found = if let actual { "is at version \(actual)" } else { "does not exist" }
        return "stream \"\(stream)\" \(found), expected \(expected)"
    }
}
