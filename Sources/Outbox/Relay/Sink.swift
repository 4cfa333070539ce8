/// Where messages go: a broker, or an HTTP endpoint.
///
/// A sink is asked for one thing: to say what became of each message. It need not keep order, retry, or remember anything;
/// the relay does that, and gives it at most one message of a key at a time.
public protocol Sink: Sendable {
    /// Delivers messages, each of another key, and says for each of them, in the same order, what became of it.
    ///
    /// When its time is up the call is cancelled: return at once, with `unknown` for what has no answer yet. What the results
    /// say of the others counts. The relay waits for a call that does not heed it.
    ///
    /// - Throws: where the sink as a whole cannot be reached. Nothing is counted against the messages, they count as
    ///   perhaps delivered, and nothing is sent until the relay tries again after a pause.
    func publish(_ messages: [OutboundMessage]) async throws -> [PublishResult]
}

/// What became of a message that was given to a sink.
public enum PublishResult: Sendable, Hashable {
    /// The sink has taken it durably. Only now is it counted as sent.
    case acknowledged
    /// The sink has looked at it and will not take it: a lasting fault of this message. It is tried again a few times,
    /// and then its key waits for an operator.
    case refused(reason: String)
    /// It may or may not have been taken: a timeout, a lost connection, a server error. It is sent again, with the same
    /// id and content, until there is an answer.
    case unknown(reason: String)
}
