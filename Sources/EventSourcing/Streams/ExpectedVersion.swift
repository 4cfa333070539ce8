/// What a writer believes about a stream when it appends. If the belief is wrong the append is refused.
///
/// This is how two writers who read the same state cannot both act on it: the first wins, the second gets a conflict
/// that names the actual version, reads again and decides again.
public enum ExpectedVersion: Sendable, Hashable {
    /// The last event of the stream has this version.
    case version(StreamVersion)
    /// The stream has no event yet.
    case noStream
    /// No belief: append after whatever is there.
    case any
    /// The stream has at least one event.
    case streamExists

    /// True if a stream whose last event has the given version (nil: it has none) is as expected.
    public func isMet(by actual: StreamVersion?) -> Bool {
        switch self {
        case .version(let version): actual == version
        case .noStream: actual == nil
        case .any: true
        case .streamExists: actual != nil
        }
    }

    /// The number that stands for it in the SQL functions: the version, or -1 no stream, -2 any, -4 exists.
    public var code: Int64 {
        switch self {
        case .version(let version): version.rawValue
        case .noStream: -1
        case .any: -2
        case .streamExists: -4
        }
    }

    /// Reads the SQL functions' number; nil for a negative number that stands for nothing.
    public init?(code: Int64) {
        switch code {
        case -1: self = .noStream
        case -2: self = .any
        case -4: self = .streamExists
        case 0...: self = .version(StreamVersion(code))
        default: return nil
        }
    }

    /// What a writer expects who has seen the stream at this version (nil: seen that it has no event).
    public init(after version: StreamVersion?) {
        self = if let version { .version(version) } else { .noStream }
    }
}

extension ExpectedVersion: CustomStringConvertible {
    /// The expectation in words.
    public var description: String {
        switch self {
        case .version(let version): "version \(version)"
        case .noStream: "no stream"
        case .any: "any version"
        case .streamExists: "an existing stream"
        }
    }
}
