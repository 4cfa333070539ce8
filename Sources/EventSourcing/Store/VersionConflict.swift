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

extension VersionConflict {
    /// Whether nothing that is appended later can make the expectation true: versions only rise, and streams stay.
    package var isForGood: Bool {
        switch expected {
        case .version(let version): actual.map { $0 > version } ?? false
        case .noStream: actual != nil
        case .streamExists, .any: false
        }
    }
}

extension VersionConflict: CustomStringConvertible {
    /// The conflict in words.
    public var description: String {
        let found = if let actual { "is at version \(actual)" } else { "does not exist" }
        return "stream \"\(stream)\" \(found), expected \(expected)"
    }
}
