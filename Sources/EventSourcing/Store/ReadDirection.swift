/// Which way a stream is read.
public enum ReadDirection: Sendable, Hashable {
    /// From the first event to the last.
    case forwards
    /// From the last event to the first.
    case backwards
}
